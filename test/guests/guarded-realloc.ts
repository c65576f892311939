import { BinaryReader, encodeUnsigned, readSections } from '../../src/engine/binary-reader.ts';
import { concatenate } from '../../src/engine/concatenate.ts';
import { readFunctionImports, readFunctionTypes } from '../../src/engine/core-types.ts';

// https://webassembly.github.io/spec/core/binary/modules.html
const TYPE_SECTION = 1;
const FUNCTION_SECTION = 3;
const EXPORT_SECTION = 7;
const CODE_SECTION = 10;

/**
 * Pages in front of each allocation. A heap that takes all memory it finds hands these out first, from the bottom, so
 * they are also how far it gets before it meets the adapter: 1 MiB.
 */
const PAGES_BEFORE = 16;

/** Pages behind each allocation, for the mark that such a heap sets at its end. */
const PAGES_BEHIND = 1;

/**
 * Gives a command of WASI 0.1 a `cabi_realloc`, which the adapter then allocates its stack and its state through. Without
 * one, wit-component makes it of `memory.grow`, and the state ends where the memory does: allocators that take all
 * memory that they find (TLSF of AssemblyScript) mark the end of their heap there. The libc of our guests in C starts
 * with the heap that the linker gave it, so they need none of this. The function is the last one: no index of the
 * program changes, and its own functions stay byte for byte.
 *
 * @returns the module itself when it has a `cabi_realloc`, or exports no memory to allocate in
 */
export function addGuardedRealloc(module: Uint8Array): Uint8Array {
  const names = exportNames(module);
  if (names.includes('cabi_realloc') || !names.includes('memory')) return module;
  const type = readFunctionTypes(module).length;
  const index = readFunctionImports(module).length + countOf(module, FUNCTION_SECTION);
  const additions = new Map<number, readonly number[]>([
    [TYPE_SECTION, [0x60, 4, I32, I32, I32, I32, 1, I32]],
    [FUNCTION_SECTION, encodeUnsigned(type)],
    [EXPORT_SECTION, [...encodeName('cabi_realloc'), 0x00, ...encodeUnsigned(index)]],
    [CODE_SECTION, [...encodeUnsigned(REALLOC.length), ...REALLOC]],
  ]);
  const sections = readSections(module).map(({ id, start, contentStart, contentEnd }) => {
    const added = additions.get(id);
    if (added === undefined) return module.subarray(start, contentEnd);
    return appendEntry(id, module.subarray(contentStart, contentEnd), added);
  });
  return concatenate([module.subarray(0, 8), ...sections]);
}

const I32 = 0x7f;

/**
 * `cabi_realloc: func(old: i32, old-size: i32, align: i32, size: i32) -> i32`, for new allocations alone: the adapter makes
 * no other. Traps when the memory does not grow, as what wit-component makes does.
 */
const REALLOC: readonly number[] = [
  [1, 1, I32], // one local: 4, the page where the growth starts
  [0x20, 0, 0x04, 0x40, 0x00, 0x0b], // if (local.get 0) unreachable
  [0x20, 3, 0x41, 0xff, 0xff, 0x03, 0x6a, 0x41, 16, 0x76], // (size + 65535) >>> 16
  [0x41, PAGES_BEFORE + PAGES_BEHIND, 0x6a, 0x40, 0, 0x22, 4], // local.tee 4 (memory.grow (these and the guards))
  [0x41, 0x7f, 0x46, 0x04, 0x40, 0x00, 0x0b], // if (it is -1) unreachable
  [0x20, 4, 0x41, PAGES_BEFORE, 0x6a, 0x41, 16, 0x74], // (page + PAGES_BEFORE) << 16
  [0x0b],
].flat();

function exportNames(module: Uint8Array): string[] {
  const reader = openSection(module, EXPORT_SECTION);
  const names: string[] = [];
  for (let left = reader.unsigned(); left > 0; left--) {
    names.push(reader.name());
    reader.byte();
    reader.unsigned();
  }
  return names;
}

function countOf(module: Uint8Array, id: number): number {
  return openSection(module, id).unsigned();
}

/** A command has a function that it exports, so it has every section that is asked for. */
function openSection(module: Uint8Array, id: number): BinaryReader {
  const section = readSections(module).find((each) => each.id === id);
  if (section === undefined) throw new Error(`not a command: it has no section ${id}`);
  return new BinaryReader(module, section.contentStart, section.contentEnd);
}

/** @returns the section with one more entry in its vector */
function appendEntry(id: number, content: Uint8Array, entry: readonly number[]): Uint8Array {
  const reader = new BinaryReader(content);
  const count = encodeUnsigned(reader.unsigned() + 1);
  const entries = content.subarray(reader.position);
  const size = encodeUnsigned(count.length + entries.length + entry.length);
  return concatenate([Uint8Array.from([id, ...size, ...count]), entries, Uint8Array.from(entry)]);
}

function encodeName(name: string): number[] {
  const bytes = new TextEncoder().encode(name);
  return [...encodeUnsigned(bytes.length), ...bytes];
}
