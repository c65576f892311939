import { ProgramError } from '../errors.ts';
import { BinaryReader, readSections } from './binary-reader.ts';

/** The names at a component's outer wall. */
export interface ComponentHeader {
  /** `wasi:filesystem/types@0.2.6`, `acme:kv/store`, … in order. */
  readonly imports: readonly string[];
  readonly exports: readonly string[];
}

const CORE_MODULE_SECTION = 1;
const COMPONENT_SECTION = 4;
const IMPORT_SECTION = 10;
const EXPORT_SECTION = 11;

/**
 * Reads the import and export names of a component, without looking into it.
 *
 * @see https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md (import and export definitions)
 */
export function readComponentHeader(bytes: Uint8Array): ComponentHeader {
  const imports: string[] = [];
  const exports: string[] = [];
  for (const section of readSections(bytes)) {
    if (section.id !== IMPORT_SECTION && section.id !== EXPORT_SECTION) continue;
    const reader = new BinaryReader(bytes, section.contentStart, section.contentEnd);
    const count = reader.unsigned();
    for (let i = 0; i < count; i++) {
      if (section.id === IMPORT_SECTION) {
        imports.push(readExternName(reader));
        skipExternDescription(reader);
      } else {
        exports.push(readExternName(reader));
        skipSort(reader);
        reader.unsigned();
        if (reader.byte() === 1) skipExternDescription(reader);
      }
    }
  }
  return { imports, exports };
}

/** Components inside components; deeper ones are refused, because a few bytes make a level and reading them recurses. */
const MAX_DEPTH = 100;

/** @returns the core modules of a component, those of components inside it included, in order */
export function readCoreModules(bytes: Uint8Array, depth = 0): Uint8Array[] {
  if (depth > MAX_DEPTH) {
    throw new ProgramError(
      'BW_PROGRAM_INVALID',
      `The program nests components more than ${MAX_DEPTH} deep, which is refused.`,
    );
  }
  return readSections(bytes).flatMap(({ id, contentStart, contentEnd }) => {
    const content = bytes.subarray(contentStart, contentEnd);
    if (id === CORE_MODULE_SECTION) return [content];
    return id === COMPONENT_SECTION ? readCoreModules(content, depth + 1) : [];
  });
}

function readExternName(reader: BinaryReader): string {
  // Two forms that read alike, and 0x02, a name with options, which no tool that we translate with reads.
  const form = reader.byte();
  if (form > 0x01) {
    throw new ProgramError(
      'BW_PROGRAM_UNSUPPORTED',
      `The component writes a name in form ${form}, which is not supported yet.`,
    );
  }
  return reader.name();
}

function skipSort(reader: BinaryReader): void {
  if (reader.byte() === 0x00) reader.byte();
}

function skipExternDescription(reader: BinaryReader): void {
  const kind = reader.byte();
  switch (kind) {
    case 0x00: // core module: 0x11 and a type
      reader.byte();
      reader.unsigned();
      return;
    case 0x02: // value: equal to an index, or of a type
      reader.byte();
      reader.unsigned();
      return;
    case 0x03: // type: equal to an index, or a fresh resource
      if (reader.byte() === 0x00) reader.unsigned();
      return;
    default:
      reader.unsigned();
  }
}
