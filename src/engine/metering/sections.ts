import type { BinarySection } from '../binary-reader.ts';
import { BinaryReader } from '../binary-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

/** Ids of sections: https://webassembly.github.io/spec/core/binary/modules.html */
export const Section = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

/** The order in which a module has them. */
export const SECTION_ORDER: readonly number[] = [
  Section.type,
  Section.import,
  Section.function,
  Section.table,
  Section.memory,
  Section.tag,
  Section.global,
  Section.export,
  Section.start,
  Section.element,
  Section.dataCount,
  Section.code,
  Section.data,
];

/** Custom sections that tell where things are in the code, which has moved. */
const MOVED = /^(?:\.debug_|sourceMappingURL$|external_debug_info$|metadata\.code\.|reloc\.)/;

export function isMoved(bytes: Uint8Array, { contentStart, contentEnd }: BinarySection): boolean {
  return MOVED.test(new BinaryReader(bytes, contentStart, contentEnd).name());
}

/** Writes a section that is a list: the entries that the module has, and then `added`, of which there are `count`. */
export function writeList(
  out: ByteWriter,
  id: number,
  bytes: Uint8Array,
  section: BinarySection | undefined,
  count: number,
  added: Uint8Array,
): void {
  if (section === undefined && count === 0) return;
  const reader = section && new BinaryReader(bytes, section.contentStart, section.contentEnd);
  const old = reader?.unsigned() ?? 0;
  const start = reader?.position ?? 0;
  const end = section?.contentEnd ?? 0;
  out.byte(id);
  out.unsigned(sizeOf(old + count) + (end - start) + added.length);
  out.unsigned(old + count);
  out.copy(bytes, start, end);
  out.all(added);
}

/** Bytes that a number takes as an unsigned LEB128. */
export function sizeOf(value: number): number {
  return value < 0x80 ? 1 : 1 + sizeOf(Math.floor(value / 0x80));
}
