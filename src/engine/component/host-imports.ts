import { hostFunction } from '../../../shims/canonical-abi/host-call.ts';
import type { ResourceType } from '../../../shims/canonical-abi/resource.ts';
import { typeText } from '../../../shims/canonical-abi/type-text.ts';
import type { ResourceRef } from '../../../shims/canonical-abi/types.ts';
import type { Resource } from '../../../shims/preview2/abi/resources.ts';
import { LOWERINGS } from '../../../shims/preview2/lowerings.ts';
import { SIGNATURES as PREVIEW2_SIGNATURES } from '../../../shims/preview2/signatures.ts';
import { HOST_INTERFACES } from '../../../shims/preview3/interfaces.ts';
import { SIGNATURES } from '../../../shims/preview3/signatures.ts';
import { ProgramError } from '../../errors.ts';
import { isPreview3 } from '../wasi-versions.ts';
import type { ComponentDefinition, ExternShape, ImportDefinition } from './definition.ts';
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

/** What an import stands for in one instance of a program. */
type Link = (linking: Linking) => Extern;

/** What WASI has for an import; found once for all instances of a program. */
export interface WasiImport {
  readonly link: Link;
  /** Names of functions of WASI that WASI does not have. */
  readonly missing: readonly string[];
}

/** @returns undefined where it is not WASI's */
export function wasiImport({ name: written, shape }: ImportDefinition): WasiImport | undefined {
  const wasi = wasiName(written);
  if (wasi === undefined || shape.sort !== 'instance') return undefined;
  const find = isOfPreview3(wasi) ? preview3(wasi.name) : preview2(wasi.name);
  if (find === undefined) return undefined;
  const missing: string[] = [];
  const links: (readonly [key: string, link: Link])[] = [];
  for (const [key, each] of shape.shape.exports) {
    const link = find(key, each);
    if (link === undefined) missing.push(`${wasi.name}.${key}`);
    else links.push([key, link]);
  }
  const link: Link = (linking) => {
    const exports = new Map<string, Extern>();
    for (const [key, each] of links) exports.set(key, each(linking));
    return { sort: 'instance', exports };
  };
  return { link, missing };
}

/** @returns undefined for what is missing */
type FindExport = (key: string, shape: ExternShape) => Link | undefined;

function preview3(name: string): FindExport | undefined {
  const host = HOST_INTERFACES.get(name);
  if (host === undefined) return undefined;
  return (key, shape) => {
    if (shape.sort !== 'func') return linkType(shape, resourceType);
    const { type } = shape;
    // The names are the guest's: `constructor` is no function of WASI.
    const call = Object.hasOwn(host.functions, key) ? host.functions[key] : undefined;
    return call && (({ context }) => ({ sort: 'func', call: hostFunction(context, call, type) }));
  };
}

/** Names of resources are unique among the interfaces of WASI 0.3. */
const RESOURCE_TYPES = new Map(
  [...HOST_INTERFACES.values()].flatMap(({ resources }) => Object.entries(resources)),
);

function resourceType(name: string): (linking: Linking) => ResourceType {
  const type = RESOURCE_TYPES.get(name);
  return (linking) => {
    if (type === undefined) throw new ProgramError('BW_PROGRAM_IMPORT_TYPE', `WASI has no resource ${name}.`);
    return linking.hostType(type);
  };
}

function preview2(name: string): FindExport | undefined {
  const lowerings = LOWERINGS.get(name);
  if (lowerings === undefined) return undefined;
  return (key, shape) => {
    if (shape.sort !== 'func')
      return linkType(shape, (resource) => (linking) => linking.preview2Type(resource as Resource));
    const extern: Extern = { sort: 'lowering', interface: name, name: key };
    return Object.hasOwn(lowerings, key) ? () => extern : undefined;
  };
}

const VALUE_TYPE: Extern = { sort: 'type' };

function linkType(shape: ExternShape, typeOf: (name: string) => (linking: Linking) => ResourceType): Link {
  if (shape.sort !== 'type' || shape.type.kind !== 'resource') return () => VALUE_TYPE;
  const type = typeOf(shape.type.ref.name);
  return (linking) => ({ sort: 'type', resource: type(linking) });
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
      checkSignature(program, wasi, name, typeText(each.type));
      new Substitution((ref) => checkResource(program, wasi, name, ref, slots)).function(each.type);
    }
  }
}

/** What WASI does not have is missing when it is linked. Of versions of 0.2, later ones have more, and nothing else. */
function checkSignature(program: string, wasi: WasiName, name: string, found: string): void {
  const signatures = isOfPreview3(wasi) ? SIGNATURES : PREVIEW2_SIGNATURES;
  const expected = signatures.get(wasi.name)?.get(name);
  if (expected === undefined || expected === found) return;
  throw new ProgramError(
    'BW_PROGRAM_IMPORT_TYPE',
    `${program} imports ${wasi.name}.${name} as ${found}; WASI ${isOfPreview3(wasi) ? '0.3.0' : '0.2'} has ${expected}.`,
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
