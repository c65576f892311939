import { RESOURCE_INTERFACE, type Resource } from '../../../shims/preview2/abi/resources.ts';
import type { Lowerings } from '../../../shims/preview2/abi/lowering.ts';
import { GLUE_ONLY } from '../../../shims/preview2/glue-only.ts';
import { LOWERINGS } from '../../../shims/preview2/lowerings.ts';
import { CLASSES } from '../../../shims/preview2/plain/classes.ts';
import type { CabiOptions } from '../../../shims/preview2/plain/lowerer.ts';

const LOWER: symbol = Symbol.for('cabiLower');
const DISPOSE: symbol = Symbol.for('cabiDispose');

/** Takes what the glue does with its imports. */
interface Recorder {
  lowered(interfaceName: string, name: string, options: CabiOptions): () => void;
  dropped(resource: Resource): void;
}

export interface RecordingImports {
  readonly objects: Readonly<Record<string, object>>;
  /** What the glue took from each interface. */
  taken(): Record<string, readonly string[]>;
}

/** Imports for jco's glue that do nothing but tell `recorder`, and remember what was taken. */
export function recordingImports(interfaces: readonly string[], recorder: Recorder): RecordingImports {
  const taken = new Map<string, Set<string>>();
  const objects = Object.create(null) as Record<string, object>;
  for (const name of interfaces) {
    const names = new Set<string>();
    taken.set(name, names);
    const lowerings = LOWERINGS.get(name);
    const target = lowerings === undefined ? foreignInterface() : wasiInterface(name, lowerings, recorder);
    objects[name] = new Proxy(target, {
      get(object, key, receiver) {
        if (typeof key === 'string') names.add(key);
        return Reflect.get(object, key, receiver) as unknown;
      },
    });
  }
  return {
    objects,
    taken: () => Object.fromEntries([...taken].map(([name, names]) => [name, [...names]])),
  };
}

/** @returns what an interface of WASI has, in jco's spelling: functions, and classes of resources */
export function wasiMembers(interfaceName: string): ReadonlySet<string> {
  const nobody: Recorder = { lowered: () => () => undefined, dropped: () => undefined };
  const lowered = wasiInterface(interfaceName, LOWERINGS.get(interfaceName) ?? {}, nobody);
  const { functions = {}, classes = {} } = GLUE_ONLY.get(interfaceName) ?? {};
  return new Set([lowered, functions, classes].flatMap(Object.keys));
}

/** Whatever the glue looks for is there, and can be a class as well as a function. */
function foreignInterface(): object {
  return new Proxy(Object.create(null) as object, { get: () => class {} });
}

function wasiInterface(interfaceName: string, lowerings: Lowerings, recorder: Recorder): object {
  const members = Object.create(null) as Record<string, unknown>;
  for (const [resource, [className]] of Object.entries(CLASSES) as [Resource, (typeof CLASSES)[Resource]][]) {
    if (RESOURCE_INTERFACE[resource] !== interfaceName) continue;
    members[className] = Object.assign(class {}, { [DISPOSE]: () => recorder.dropped(resource) });
  }
  for (const name of Object.keys(lowerings)) {
    const standIn = Object.assign((): void => undefined, {
      [LOWER]: (options: CabiOptions) => recorder.lowered(interfaceName, name, options),
    });
    const method = /^\[method\](.*)\.(.*)$/.exec(name);
    if (method === null) members[camel(name)] = standIn;
    else prototypeOf(members, method[1] as Resource)[camel(method[2] as string)] = standIn;
  }
  return members;
}

function prototypeOf(members: Record<string, unknown>, resource: Resource): Record<string, unknown> {
  const { prototype } = members[CLASSES[resource][0]] as { readonly prototype: Record<string, unknown> };
  return prototype;
}

function camel(kebab: string): string {
  return kebab.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
