import type { Resource } from '../abi/resources.ts';
import { RESOURCE_INTERFACE } from '../abi/resources.ts';
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

/** What jco's glue imports, and what makes resources for exports that it calls. */
export interface BoundInterfaces {
  readonly imports: Record<string, object>;
  readonly bindings: Bindings;
}

/** Binds per interface its plain functions and classes, each function with its lowering. */
export function bindInterfaces(context: Context, lowerer: Lowerer, names: Iterable<string>): BoundInterfaces {
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
    const functions = PLAIN_INTERFACES.get(name)?.(bindings) as Record<string, Plain> | undefined;
    if (functions === undefined) continue;
    const bound: Record<string, unknown> = {};
    for (const [key, fn] of Object.entries(functions)) {
      bound[key] = withLowering(fn, lowerer, name, kebab(key));
    }
    for (const resource of RESOURCES) {
      if (RESOURCE_INTERFACE[resource] === name) bound[CLASSES[resource][0]] = classOf(resource);
    }
    interfaces[name] = bound;
  }
  return { imports: interfaces, bindings };
}

/** Each instance has subclasses of its own: the glue drops a resource through its class and knows nothing but the rep. */
function bindClass(resource: Resource, bindings: Bindings, lowerer: Lowerer): ResourceClass {
  const [, Base] = CLASSES[resource];
  const Bound = class extends Base {
    static [DISPOSE](rep: number): void {
      bindings.context.drop(resource, rep);
    }
  };
  const lowered = (from: object, kind: 'method' | 'static'): Record<string, Plain> => {
    const names = Object.getOwnPropertyNames(from).filter((key) => !NOT_WIT.has(key));
    const members = from as Record<string, Plain>;
    const bind = (key: string): Plain =>
      withLowering(
        members[key] as Plain,
        lowerer,
        RESOURCE_INTERFACE[resource],
        `[${kind}]${resource}.${kebab(key)}`,
      );
    return Object.fromEntries(names.map((key) => [key, bind(key)]));
  };
  Object.assign(Bound.prototype, lowered(Base.prototype as object, 'method'), { bindings, resource });
  const constructor = loweringOf(lowerer, RESOURCE_INTERFACE[resource], `[constructor]${resource}`);
  return Object.assign(Bound, lowered(Base, 'static'), constructor);
}

/** What every class has by itself. */
const NOT_WIT: ReadonlySet<string> = new Set(['constructor', 'length', 'name', 'prototype']);

function withLowering(plain: Plain, lowerer: Lowerer, interfaceName: string, name: string): Plain {
  const bound: Plain = function (...args) {
    return plain.apply(this, args);
  };
  return Object.assign(bound, loweringOf(lowerer, interfaceName, name));
}

/** What the glue looks for at a function, or at a class for its constructor. */
function loweringOf(lowerer: Lowerer, interfaceName: string, name: string): object {
  const lowering = LOWERINGS.get(interfaceName)?.[name];
  if (lowering === undefined) return {};
  return {
    [LOWER]: (options: CabiOptions) => lowerer.lower(`${interfaceName}#${name}`, lowering, options),
  };
}

function kebab(camel: string): string {
  return camel.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
