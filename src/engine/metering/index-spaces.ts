import { type BinarySection, BinaryReader } from '../binary-reader.ts';
import { CodeReader } from './code-reader.ts';
import { Section } from './sections.ts';

/** What a module has of everything that is counted, imports first. */
export interface IndexSpaces {
  /** By type: parameters of a function; 0 for what is no function. */
  readonly parameters: readonly number[];
  readonly importedFunctions: number;
  /** Types of the functions that it defines. */
  readonly functions: readonly number[];
  /** Which have addresses of 64 bits. */
  readonly memories: readonly boolean[];
  readonly tables: readonly TableType[];
  readonly globals: number;
  readonly exportNames: ReadonlySet<string>;
  /** Its start function. */
  readonly start: number | undefined;
}

export interface TableType {
  /** Its addresses have 64 bits. */
  readonly wide: boolean;
  /** What its entries are: bytes of a reference type. */
  readonly entry: readonly number[];
}

/** Reads the sections of a module that V8 has validated. All types are understood, those of garbage collection, too. */
export function readIndexSpaces(bytes: Uint8Array, sections: readonly BinarySection[]): IndexSpaces {
  const at = (id: number): CodeReader | undefined => {
    const section = sections.find((each) => each.id === id);
    if (section === undefined) return undefined;
    const reader = new CodeReader(bytes);
    reader.position = section.contentStart;
    return reader;
  };
  const counted = <T>(id: number, read: (reader: CodeReader) => T): T[] => {
    const reader = at(id);
    return reader === undefined ? [] : Array.from({ length: reader.unsigned() }, () => read(reader));
  };
  const imports = { functions: 0, tables: [] as TableType[], memories: [] as boolean[], globals: 0 };
  counted(Section.import, (reader) => readImport(reader, imports));
  return {
    parameters: counted(Section.type, readRecursiveType).flat(),
    importedFunctions: imports.functions,
    functions: counted(Section.function, (reader) => reader.unsigned()),
    tables: [...imports.tables, ...counted(Section.table, readTable)],
    memories: [...imports.memories, ...counted(Section.memory, readLimits)],
    globals: imports.globals + (at(Section.global)?.unsigned() ?? 0),
    exportNames: new Set(readExportNames(bytes, sections)),
    start: at(Section.start)?.unsigned(),
  };
}

function readImport(
  reader: CodeReader,
  imports: { functions: number; tables: TableType[]; memories: boolean[]; globals: number },
): void {
  reader.skip(reader.unsigned());
  reader.skip(reader.unsigned());
  switch (reader.byte()) {
    case 0:
      reader.skipLeb();
      imports.functions++;
      return;
    case 1:
      imports.tables.push(readTableType(reader));
      return;
    case 2:
      imports.memories.push(readLimits(reader));
      return;
    case 3:
      reader.skipType();
      reader.skip(1);
      imports.globals++;
      return;
    default:
      // A tag.
      reader.skip(1);
      reader.skipLeb();
  }
}

/** @returns whether its addresses have 64 bits */
function readLimits(reader: CodeReader): boolean {
  const flags = reader.byte();
  reader.skipLeb();
  if ((flags & 1) !== 0) reader.skipLeb();
  return (flags & 4) !== 0;
}

function readTable(reader: CodeReader): TableType {
  const hasInitial = reader.bytes[reader.position] === 0x40;
  if (hasInitial) reader.skip(2);
  const type = readTableType(reader);
  if (hasInitial) skipExpression(reader);
  return type;
}

function readTableType(reader: CodeReader): TableType {
  const start = reader.position;
  reader.skipType();
  const entry = [...reader.bytes.subarray(start, reader.position)];
  return { wide: readLimits(reader), entry };
}

function skipExpression(reader: CodeReader): void {
  for (let opcode = reader.operator(); opcode !== 0x0b; opcode = reader.operator())
    reader.skipImmediates(opcode);
}

function readRecursiveType(reader: CodeReader): number[] {
  const form = reader.byte();
  if (form !== 0x4e) return [readSubtype(reader, form)];
  return Array.from({ length: reader.unsigned() }, () => readSubtype(reader, reader.byte()));
}

function readSubtype(reader: CodeReader, form: number): number {
  if (form !== 0x50 && form !== 0x4f) return readCompositeType(reader, form);
  for (let left = reader.unsigned(); left > 0; left--) reader.skipLeb();
  return readCompositeType(reader, reader.byte());
}

function readCompositeType(reader: CodeReader, form: number): number {
  const skipTypes = (): number => {
    const count = reader.unsigned();
    for (let left = count; left > 0; left--) reader.skipType();
    return count;
  };
  if (form === 0x60) {
    const parameters = skipTypes();
    skipTypes();
    return parameters;
  }
  // Fields have a type and whether they can be changed: of an array one, of a struct a list.
  for (let left = form === 0x5e ? 1 : reader.unsigned(); left > 0; left--) {
    reader.skipType();
    reader.skip(1);
  }
  return 0;
}

function readExportNames(bytes: Uint8Array, sections: readonly BinarySection[]): string[] {
  const section = sections.find(({ id }) => id === Section.export);
  if (section === undefined) return [];
  const reader = new BinaryReader(bytes, section.contentStart, section.contentEnd);
  return Array.from({ length: reader.unsigned() }, () => {
    const name = reader.name();
    reader.byte();
    reader.unsigned();
    return name;
  });
}
