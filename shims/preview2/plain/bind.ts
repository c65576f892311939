import type { Resource } from '../abi/resources.ts';
import { RESOURCE_INTERFACE } from '../abi/resources.ts';
import type { Lowering } from '../abi/lowering.ts';
import type { Context } from '../context.ts';
import { LOWERINGS } from '../lowerings.ts';
import { CLASSES, type ResourceClass } from './classes.ts';
import { PLAIN_INTERFACES } from './interfaces.ts';
import type { CabiOptions, Lowerer } from './lowerer.ts';
import { type Bindings, REP } from './resource.ts';

const LOWER: unique symbol = Symbol.for('cabiLower');
const DISPOSE: unique symbol = Symbol.for('cabiDispose');

type Plain = (this: unknown, ...args: never[]) => unknown;

const RESOURCES = Object.keys(CLASSES) as Resource[];

/** Makes what jco's glue imports: per interface its plain functions and classes, each function with its lowering. */
export function bindInterfaces(
  context: Context,
  lowerer: Lowerer,
  names: Iterable<string>,
): Record<string, object> {
  const classes = new Map<Resource, ResourceClass>();
  const bindings: Bindings = {
    context,
    make(resource, item) {
      // The glue knows the rep as the index into our table; see abi/handles.ts.
      const rep = context.resources[resource].add(item as never);
      const face = Object.create(classOf(resource).prototype as object) as never;
      return Object.defineProperty(face, REP, { value: rep });
    },
  };
  const classOf = (resource: Resource): ResourceClass => {
    let bound = classes.get(resource);
    if (bound === undefined) {
      bound = bindClass(resource, bindings, lowerer);
      classes.set(resource, bound);
    }
    return bound;
  };
  const interfaces: Record<string, object> = {};
  for (const name of names) {
    const plain = PLAIN_INTERFACES.get(name);
    if (plain === undefined) continue;
    const bound: Record<string, unknown> = {};
    for (const [key, fn] of Object.entries(plain(bindings) as Record<string, Plain>)) {
      bound[key] = withLowering(fn, lowerer, name, kebab(key));
    }
    for (const resource of RESOURCES) {
      if (RESOURCE_INTERFACE[resource] === name) bound[CLASSES[resource][0]] = classOf(resource);
    }
    interfaces[name] = bound;
  }
  return interfaces;
}

/** Each instance has subclasses of its own: the glue drops a resource through its class and knows nothing but the rep. */
function bindClass(resource: Resource, bindings: Bindings, lowerer: Lowerer): ResourceClass {
  const [, Base] = CLASSES[resource];
  const Bound = class extends Base {
    static [DISPOSE](rep: number): void {
      bindings.context.drop(resource, rep);
    }
  };
  const methods: Record<string, unknown> = {};
  for (const key of Object.getOwnPropertyNames(Base.prototype)) {
    if (key === 'constructor') continue;
    const method = (Base.prototype as unknown as Record<string, Plain>)[key] as Plain;
    methods[key] = withLowering(
      method,
      lowerer,
      RESOURCE_INTERFACE[resource],
      `[method]${resource}.${kebab(key)}`,
    );
  }
  Object.assign(Bound.prototype, methods, { bindings, resource });
  return Bound;
}

function withLowering(plain: Plain, lowerer: Lowerer, interfaceName: string, name: string): Plain {
  const lowering = LOWERINGS.get(interfaceName)?.[name] as Lowering;
  const bound: Plain = function (...args) {
    return plain.apply(this, args);
  };
  return Object.assign(bound, {
    [LOWER]: (options: CabiOptions) => lowerer.lower(`${interfaceName}#${name}`, lowering, options),
  });
}

function kebab(camel: string): string {
  return camel.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
