import { ProgramError } from '../errors.ts';
import { type BinarySection, BinaryReader, encodeUnsigned, readSections } from './binary-reader.ts';
import { concatenate } from './concatenate.ts';

/** A linear memory that a core module defined and now imports. Sizes are pages of 64 KiB. */
export interface MemoryType {
  readonly initial: number;
  readonly maximum: number | undefined;
  readonly shared: boolean;
  /** memory64: addresses are i64. */
  readonly wide: boolean;
}

/** A core module whose memories come from outside, as imports `bailiwick.memory0`, `bailiwick.memory1`, … */
export interface AdjustedModule {
  readonly bytes: Uint8Array;
  readonly memories: readonly MemoryType[];
}

export const MEMORY_MODULE = 'bailiwick';
export const PAGE = 65_536;

const IMPORT_SECTION = 2;
const MEMORY_SECTION = 5;
const TYPE_SECTION = 1;

/**
 * Turns the memories that a core module defines into imports, so that one compiled module serves every memory limit:
 * each instance is given memories with its own maximum. Indices stay what they were, because imported memories come
 * before defined ones and the new imports stand after the old.
 *
 * @throws ProgramError when the module cannot be read
 */
export function importMemories(bytes: Uint8Array): AdjustedModule {
  const sections = readSections(bytes);
  const [memorySection, second] = sections.filter((section) => section.id === MEMORY_SECTION);
  // Taking the first one out would turn an invalid module into a valid one, with a memory that no limit bounds.
  if (second !== undefined)
    throw new ProgramError('BW_PROGRAM_INVALID', 'The program is broken: it has two memory sections.');
  if (memorySection === undefined) return { bytes, memories: [] };
  const memories = readMemories(
    new BinaryReader(bytes, memorySection.contentStart, memorySection.contentEnd),
  );
  if (memories.length === 0) return { bytes, memories };
  return { bytes: rewrite(bytes, sections, memorySection, encodeImports(memories)), memories };
}

function readMemories(reader: BinaryReader): MemoryType[] {
  const memories: MemoryType[] = [];
  for (let left = reader.unsigned(); left > 0; left--) {
    const flags = reader.byte();
    if (flags > 7) {
      throw new ProgramError(
        'BW_PROGRAM_UNSUPPORTED',
        'The program uses custom memory page sizes, which Node.js does not run.',
      );
    }
    const initial = reader.unsigned();
    const maximum = (flags & 1) === 0 ? undefined : reader.unsigned();
    memories.push({ initial, maximum, shared: (flags & 2) !== 0, wide: (flags & 4) !== 0 });
  }
  return memories;
}

function encodeImports(memories: readonly MemoryType[]): number[] {
  return memories.flatMap((memory, index) => [
    ...encodeName(MEMORY_MODULE),
    ...encodeName(`memory${index}`),
    0x02,
    (memory.maximum === undefined ? 0 : 1) | (memory.shared ? 2 : 0) | (memory.wide ? 4 : 0),
    ...encodeUnsigned(memory.initial),
    ...(memory.maximum === undefined ? [] : encodeUnsigned(memory.maximum)),
  ]);
}

function encodeName(name: string): number[] {
  const bytes = new TextEncoder().encode(name);
  return [...encodeUnsigned(bytes.length), ...bytes];
}

/** Drops the memory section and adds `imports` at the end of the import section, which is made where there is none. */
function rewrite(
  bytes: Uint8Array,
  sections: readonly BinarySection[],
  memorySection: BinarySection,
  imports: readonly number[],
): Uint8Array {
  const count = countOf(bytes, memorySection);
  const importSection = sections.find((section) => section.id === IMPORT_SECTION);
  const parts: Uint8Array[] = [bytes.subarray(0, 8)];
  let placed = false;
  for (const section of sections) {
    if (!placed && importSection === undefined && section.id !== 0 && section.id !== TYPE_SECTION) {
      parts.push(encodeSection(count, new Uint8Array(), imports));
      placed = true;
    }
    if (section === importSection) {
      const reader = new BinaryReader(bytes, section.contentStart, section.contentEnd);
      const old = reader.unsigned();
      parts.push(encodeSection(old + count, bytes.subarray(reader.position, section.contentEnd), imports));
    } else if (section !== memorySection) {
      parts.push(bytes.subarray(section.start, section.contentEnd));
    }
  }
  return concatenate(parts);
}

function countOf(bytes: Uint8Array, section: BinarySection): number {
  return new BinaryReader(bytes, section.contentStart, section.contentEnd).unsigned();
}

function encodeSection(count: number, old: Uint8Array, added: readonly number[]): Uint8Array {
  const header = encodeUnsigned(count);
  const size = header.length + old.length + added.length;
  return concatenate([
    Uint8Array.from([IMPORT_SECTION, ...encodeUnsigned(size), ...header]),
    old,
    Uint8Array.from(added),
  ]);
}
