import { hostFunction } from '../../../shims/canonical-abi/host-call.ts';
import { typeText } from '../../../shims/canonical-abi/type-text.ts';
import type { ResourceRef } from '../../../shims/canonical-abi/types.ts';
import type { Resource } from '../../../shims/preview2/abi/resources.ts';
import { LOWERINGS } from '../../../shims/preview2/lowerings.ts';
import { HOST_INTERFACES } from '../../../shims/preview3/interfaces.ts';
import { SIGNATURES } from '../../../shims/preview3/signatures.ts';
import { ProgramError } from '../../errors.ts';
import { isPreview3 } from '../wasi-versions.ts';
import type { ComponentDefinition, ExternShape, ImportDefinition, InstanceShape } from './definition.ts';
import type { Extern } from './extern.ts';
import type { Linking } from './linking.ts';
import { Substitution } from './substitute.ts';

/** `wasi:clocks/types@0.3.0` by its name, and its version. */
interface WasiName {
  readonly name: string;
  readonly version: string;
}

export function wasiName(name: string): WasiName | undefined {
  const [, interfaceName, version] = /^(wasi:[^@]+)@(.+)$/.exec(name) ?? [];
  return interfaceName === undefined || version === undefined ? undefined : { name: interfaceName, version };
}

export function isOfPreview3({ version }: WasiName): boolean {
  return isPreview3(version);
}

/** @returns what WASI has for an import; undefined where it is not WASI's, or has functions that WASI does not */
export function wasiImport({ name: written, shape }: ImportDefinition, linking: Linking): Extern | undefined {
  const wasi = wasiName(written);
  if (wasi === undefined || shape.sort !== 'instance') return undefined;
  const exports = isOfPreview3(wasi)
    ? preview3(wasi.name, shape.shape, linking)
    : preview2(wasi.name, shape.shape, linking);
  return exports && { sort: 'instance', exports };
}

function preview3(
  name: string,
  { exports }: InstanceShape,
  linking: Linking,
): Map<string, Extern> | undefined {
  const host = HOST_INTERFACES.get(name);
  if (host === undefined) return undefined;
  const externs = new Map<string, Extern>();
  for (const [key, each] of exports) {
    if (each.sort === 'func') {
      const call = host.functions[key];
      if (call === undefined) return undefined;
      externs.set(key, { sort: 'func', call: hostFunction(linking.context, call, each.type) });
    } else
      externs.set(
        key,
        typeExtern(key, each, (resource) => linking.hostType(resourceType(resource))),
      );
  }
  return externs;
}

/** Names of resources are unique among the interfaces of WASI 0.3. */
const RESOURCE_TYPES = new Map(
  [...HOST_INTERFACES.values()].flatMap(({ resources }) => Object.entries(resources)),
);

function resourceType(name: string): Parameters<Linking['hostType']>[0] {
  const type = RESOURCE_TYPES.get(name);
  if (type === undefined) throw new ProgramError('BW_PROGRAM_IMPORT_TYPE', `WASI has no resource ${name}.`);
  return type;
}

function preview2(
  name: string,
  { exports }: InstanceShape,
  linking: Linking,
): Map<string, Extern> | undefined {
  const lowerings = LOWERINGS.get(name);
  if (lowerings === undefined) return undefined;
  const externs = new Map<string, Extern>();
  for (const [key, each] of exports) {
    if (each.sort === 'func') {
      if (!Object.hasOwn(lowerings, key)) return undefined;
      externs.set(key, { sort: 'lowering', interface: name, name: key });
    } else
      externs.set(
        key,
        typeExtern(key, each, (resource) => linking.preview2Type(resource as Resource)),
      );
  }
  return externs;
}

function typeExtern(
  key: string,
  shape: ExternShape,
  typeOf: (name: string) => ReturnType<Linking['hostType']>,
): Extern {
  if (shape.sort !== 'type' || shape.type.kind !== 'resource') return { sort: 'type' };
  return { sort: 'type', resource: typeOf(shape.type.ref.name) };
}

/**
 * Checks that a component imports the functions of WASI with the types that WASI has, and its resource types from where they
 * are: the host's functions count on it.
 *
 * @throws ProgramError BW_PROGRAM_IMPORT_TYPE
 */
export function checkWasiTypes({ imports }: ComponentDefinition, program: string): void {
  const slots = new Map<number, string>();
  for (const { name, shape, resources } of imports) {
    const wasi = wasiName(name);
    if (wasi === undefined || shape.sort !== 'instance') continue;
    for (const { slot, path } of resources) slots.set(slot, resourceKey(wasi, path.at(-1) ?? ''));
  }
  for (const definition of imports) {
    const wasi = wasiName(definition.name);
    if (wasi === undefined || definition.shape.sort !== 'instance') continue;
    for (const [name, each] of definition.shape.shape.exports) {
      if (each.sort !== 'func') continue;
      if (isOfPreview3(wasi)) checkSignature(program, wasi.name, name, typeText(each.type));
      new Substitution((ref) => checkResource(program, wasi, name, ref, slots)).function(each.type);
    }
  }
}

function checkSignature(program: string, interfaceName: string, name: string, found: string): void {
  const expected = SIGNATURES.get(interfaceName)?.get(name);
  if (expected === undefined || expected === found) return;
  throw new ProgramError(
    'BW_PROGRAM_IMPORT_TYPE',
    `${program} imports ${interfaceName}.${name} as ${found}; WASI 0.3.0 has ${expected}.`,
  );
}

/** Of each version of WASI there is one resource type of a name. */
function resourceKey(wasi: WasiName, resource: string): string {
  return `${isOfPreview3(wasi) ? '0.3' : '0.2'} ${resource}`;
}

function checkResource(
  program: string,
  wasi: WasiName,
  name: string,
  ref: ResourceRef,
  slots: ReadonlyMap<number, string>,
): ResourceRef {
  if (slots.get(ref.slot) === resourceKey(wasi, ref.name)) return ref;
  throw new ProgramError(
    'BW_PROGRAM_IMPORT_TYPE',
    `${program} imports ${wasi.name}.${name} with a resource ${ref.name} that is not WASI's.`,
  );
}
