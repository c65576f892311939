import { InstanceError } from '../errors.ts';
import { DEFAULT_LIMITS } from '../kernel/meter.ts';
import { BinaryReader, encodeUnsigned } from './binary-reader.ts';
import { concatenate } from './concatenate.ts';
import { findSection, readFunctionTypes, readValueType, unsupported } from './core-types.ts';

// What a guest allocates in V8's heap instead of its linear memory. No limit of a policy bounds it, and when the heap is
// full the process ends, with every tenant in it: 5 lines of WebAssembly are enough.
// Binary format: https://webassembly.github.io/spec/core/binary/types.html

/** Entries that the tables of one program may have together, whatever a policy allows; 8 to 40 bytes each. */
const MAX_TABLE_ENTRIES: number = DEFAULT_LIMITS.tables;

const TABLE_SECTION = 4;

/**
 * Refuses structs and arrays of garbage collection, and functions that take exceptions: with a tag of such a type,
 * exceptions can hold each other in a chain of any length.
 *
 * @throws ProgramError BW_PROGRAM_UNSUPPORTED
 */
export function refuseHeapTypes(bytes: Uint8Array): void {
  // Structs and arrays are refused where types are read.
  for (const { parameters } of readFunctionTypes(bytes)) {
    if (parameters.some((type) => EXCEPTIONS.has(type)))
      throw unsupported('passes exceptions on, whose memory cannot be bounded');
  }
}

/** `exn` and `noexn`, by themselves the short form of a reference. */
const EXCEPTIONS: ReadonlySet<number> = new Set([0x69, 0x74]);

/**
 * @returns by how many entries each table of these core modules of one program may grow
 * @throws ProgramError BW_PROGRAM_UNSUPPORTED when the tables start beyond their bound
 */
export function tableSlack(cores: readonly Uint8Array[]): number {
  const { count, initial } = countTables(cores);
  if (initial > MAX_TABLE_ENTRIES)
    throw unsupported(`starts with ${initial} table entries; up to ${MAX_TABLE_ENTRIES} are supported`);
  return Math.floor((MAX_TABLE_ENTRIES - initial) / count);
}

/**
 * {@link tableSlack} under the limit of a policy.
 *
 * @throws InstanceError BW_LIMIT_TABLES when the tables start beyond it
 */
export function tableSlackWithin(cores: readonly Uint8Array[], limit: number): number {
  const { count, initial } = countTables(cores);
  if (initial > limit) {
    throw new InstanceError(
      'BW_LIMIT_TABLES',
      `The program starts with ${initial} table entries; the policy's limits.tables is ${limit}.`,
      { hint: `Raise limits.tables to at least ${initial}.` },
    );
  }
  return Math.floor((limit - initial) / count);
}

function countTables(cores: readonly Uint8Array[]): { count: number; initial: number } {
  const tables = cores.flatMap(tablesOf);
  return { count: tables.length, initial: tables.reduce((sum, table) => sum + table.initial, 0) };
}

/** @returns whether the core module defines a table, so that each of its instances holds one */
export function definesTable(bytes: Uint8Array): boolean {
  return tablesOf(bytes).length > 0;
}

/** Gives every table a maximum of its initial size and `slack`. */
export function boundTables(bytes: Uint8Array, slack: number): Uint8Array {
  const section = findSection(bytes, TABLE_SECTION);
  if (section === undefined) return bytes;
  const tables = tablesOf(bytes);
  const content = concatenate([
    Uint8Array.from(encodeUnsigned(tables.length)),
    ...tables.map((table) => encodeTable(table, Math.min(table.maximum, table.initial + slack))),
  ]);
  const header = Uint8Array.from([TABLE_SECTION, ...encodeUnsigned(content.length)]);
  return concatenate([bytes.subarray(0, section.start), header, content, bytes.subarray(section.contentEnd)]);
}

function tablesOf(bytes: Uint8Array): TableType[] {
  const section = findSection(bytes, TABLE_SECTION);
  return section === undefined
    ? []
    : readTables(new BinaryReader(bytes, section.contentStart, section.contentEnd));
}

interface TableType {
  /** As it stands in the module. */
  readonly elements: Uint8Array;
  readonly flags: number;
  readonly initial: number;
  readonly maximum: number;
}

function readTables(reader: BinaryReader): TableType[] {
  const tables: TableType[] = [];
  for (let left = reader.unsigned(); left > 0; left--) {
    const start = reader.position;
    // The form with an initial value, which would have to be read past.
    if (reader.bytes[start] === 0x40) throw unsupported('fills a table with an initial value');
    readValueType(reader);
    const elements = reader.bytes.subarray(start, reader.position);
    const flags = reader.byte();
    if (flags > 7) throw unsupported('has a table with unknown limits');
    const initial = reader.unsigned();
    tables.push({ elements, flags, initial, maximum: (flags & 1) === 0 ? Infinity : reader.unsigned() });
  }
  return tables;
}

function encodeTable({ elements, flags, initial }: TableType, maximum: number): Uint8Array {
  return Uint8Array.from([...elements, flags | 1, ...encodeUnsigned(initial), ...encodeUnsigned(maximum)]);
}
