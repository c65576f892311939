import { ProgramError } from '../errors.ts';
import { type BinarySection, BinaryReader, readSections } from './binary-reader.ts';

// Types of a core module: https://webassembly.github.io/spec/core/binary/types.html

const TYPE_SECTION = 1;
const IMPORT_SECTION = 2;

/** Codes of value types; of a reference, what it refers to, 0 for a defined type. */
export interface FunctionType {
  readonly parameters: readonly number[];
  readonly results: readonly number[];
}

export interface FunctionImport {
  readonly module: string;
  readonly name: string;
  readonly type: FunctionType;
}

/**
 * @returns the function types of a core module, by index
 * @throws ProgramError BW_PROGRAM_UNSUPPORTED for types of garbage-collected objects, and for unknown forms
 */
export function readFunctionTypes(bytes: Uint8Array): FunctionType[] {
  const section = findSection(bytes, TYPE_SECTION);
  if (section === undefined) return [];
  const reader = new BinaryReader(bytes, section.contentStart, section.contentEnd);
  const types: FunctionType[] = [];
  for (let left = reader.unsigned(); left > 0; left--) readRecursiveType(reader, types);
  return types;
}

/** @property kind 0 for a function, 1 a table, 2 a memory, 3 a global, 4 a tag */
export interface CoreImport extends Pick<FunctionImport, 'module' | 'name'> {
  readonly kind: number;
  readonly type: FunctionType | undefined;
}

/**
 * @returns the functions that a core module imports, in order; what else it imports is passed over
 * @throws ProgramError BW_PROGRAM_UNSUPPORTED for unknown forms
 */
export function readFunctionImports(bytes: Uint8Array): FunctionImport[] {
  return readImports(bytes).flatMap(({ module, name, type }) =>
    type === undefined ? [] : [{ module, name, type }],
  );
}

/**
 * @returns what a core module imports, in order
 * @throws ProgramError BW_PROGRAM_UNSUPPORTED for unknown forms
 */
export function readImports(bytes: Uint8Array): CoreImport[] {
  const section = findSection(bytes, IMPORT_SECTION);
  if (section === undefined) return [];
  const types = readFunctionTypes(bytes);
  const reader = new BinaryReader(bytes, section.contentStart, section.contentEnd);
  const imports: CoreImport[] = [];
  for (let left = reader.unsigned(); left > 0; left--) {
    const module = reader.name();
    const name = reader.name();
    const kind = reader.byte();
    imports.push({ module, name, kind, type: readImportType(reader, kind, types) });
  }
  return imports;
}

/** Invalid modules may have a section twice; V8 refuses them, before and after. */
export function findSection(bytes: Uint8Array, id: number): BinarySection | undefined {
  return readSections(bytes).find((section) => section.id === id);
}

/** @returns the type of a function; undefined for a table, memory, global or tag */
function readImportType(
  reader: BinaryReader,
  kind: number,
  types: readonly FunctionType[],
): FunctionType | undefined {
  switch (kind) {
    case 0x00:
      return types[reader.unsigned()];
    case 0x01:
      readValueType(reader);
      readLimits(reader);
      return undefined;
    case 0x02:
      readLimits(reader);
      return undefined;
    case 0x03:
      readValueType(reader);
      reader.byte();
      return undefined;
    case 0x04:
      reader.byte();
      reader.unsigned();
      return undefined;
    default:
      throw unsupported(`has an import of the unknown kind 0x${kind.toString(16)}`);
  }
}

function readLimits(reader: BinaryReader): void {
  const flags = reader.byte();
  reader.unsigned();
  if ((flags & 1) !== 0) reader.unsigned();
}

function readRecursiveType(reader: BinaryReader, types: FunctionType[]): void {
  const form = reader.byte();
  if (form !== 0x4e) {
    types.push(readSubtype(reader, form));
    return;
  }
  for (let left = reader.unsigned(); left > 0; left--) types.push(readSubtype(reader, reader.byte()));
}

function readSubtype(reader: BinaryReader, form: number): FunctionType {
  if (form !== 0x50 && form !== 0x4f) return readCompositeType(reader, form);
  for (let left = reader.unsigned(); left > 0; left--) reader.unsigned();
  return readCompositeType(reader, reader.byte());
}

function readCompositeType(reader: BinaryReader, form: number): FunctionType {
  if (form === 0x5e || form === 0x5f)
    throw unsupported('makes garbage-collected objects, whose memory cannot be bounded');
  if (form !== 0x60) throw unsupported(`has a type of the unknown form 0x${form.toString(16)}`);
  return { parameters: readValueTypes(reader), results: readValueTypes(reader) };
}

function readValueTypes(reader: BinaryReader): number[] {
  const types: number[] = [];
  for (let left = reader.unsigned(); left > 0; left--) types.push(readValueType(reader));
  return types;
}

/** @returns the code of the type, or of what it refers to; 0 for a defined type, which {@link readRecursiveType} sees */
export function readValueType(reader: BinaryReader): number {
  const code = reader.byte();
  if (code !== 0x63 && code !== 0x64) return code;
  const heapType = reader.byte();
  // A signed number: below zero it is an abstract type of one byte, else the index of a defined one.
  if (heapType >= 0x40 && heapType < 0x80) {
    // Prefixes (shared, exact) come before another type.
    if (heapType < 0x68) throw unsupported(`has a reference of the unknown form 0x${heapType.toString(16)}`);
    return heapType;
  }
  if (heapType >= 0x80) reader.unsigned();
  return 0;
}

export function unsupported(what: string): ProgramError {
  return new ProgramError('BW_PROGRAM_UNSUPPORTED', `The program ${what}.`);
}
