import { RESOURCE_INTERFACE, type Resource } from '../../../shims/preview2/abi/resources.ts';
import type { Lowerings } from '../../../shims/preview2/abi/lowering.ts';
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
  return new Set(Object.keys(wasiInterface(interfaceName, LOWERINGS.get(interfaceName) ?? {}, nobody)));
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
    const lower = { [LOWER]: (options: CabiOptions) => recorder.lowered(interfaceName, name, options) };
    const standIn = Object.assign((): void => undefined, lower);
    const [, kind, resource, member = ''] = /^\[(.*)\]([^.]*)\.?(.*)$/.exec(name) ?? [];
    const owner = members[CLASSES[resource as Resource]?.[0]] as MemberClass;
    if (kind === undefined) members[camel(name)] = standIn;
    else if (kind === 'constructor') Object.assign(owner, lower);
    else (kind === 'method' ? owner.prototype : owner)[camel(member)] = standIn;
  }
  return members;
}

/** A class with its static functions, and its methods in the prototype. */
interface MemberClass {
  readonly prototype: Record<string, unknown>;
  [name: string]: unknown;
}

function camel(kebab: string): string {
  return kebab.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
