import type { CoreType } from '../../../shims/canonical-abi/abi.ts';
import { BinaryReader } from '../binary-reader.ts';
import { findSection, type FunctionType, readFunctionTypes, readImports } from '../core-types.ts';
import type { CoreSort } from './definition.ts';

/** An item of a core index space. @property signature of a function, as core-signature.ts writes it */
export interface CoreItem {
  readonly sort: CoreSort;
  readonly signature?: string;
}

/** The exports of a core instance. */
export type CoreInstanceType = ReadonlyMap<string, CoreItem>;

/** What a core module needs and gives. */
export interface CoreModuleType {
  readonly imports: readonly (CoreItem & { readonly module: string; readonly name: string })[];
  readonly exports: CoreInstanceType;
}

const FUNCTION_SECTION = 3;
const EXPORT_SECTION = 7;
const SORTS: readonly CoreSort[] = ['func', 'table', 'memory', 'global', 'tag'];

/** @throws ProgramError where the module cannot be read; V8 checks the rest of it */
export function readCoreModule(bytes: Uint8Array): CoreModuleType {
  const types = readFunctionTypes(bytes);
  const imports = readImports(bytes).map(({ module, name, kind, type }) => ({
    module,
    name,
    ...item(kind, type),
  }));
  const signatures = imports.flatMap((each) => (each.sort === 'func' ? [each.signature] : []));
  const functions = readerOf(bytes, FUNCTION_SECTION);
  if (functions !== undefined) {
    for (let left = functions.unsigned(); left > 0; left--) {
      signatures.push(item(0, types[functions.unsigned()]).signature);
    }
  }
  const exports = new Map<string, CoreItem>();
  const reader = readerOf(bytes, EXPORT_SECTION);
  for (let left = reader?.unsigned() ?? 0; reader !== undefined && left > 0; left--) {
    const name = reader.name();
    const { sort } = item(reader.byte(), undefined);
    const signature = sort === 'func' ? signatures[reader.unsigned()] : void reader.unsigned();
    exports.set(name, { sort, ...(signature === undefined ? {} : { signature }) });
  }
  return { imports, exports };
}

function item(kind: number, type: FunctionType | undefined): CoreItem {
  const sort = SORTS[kind] ?? 'tag';
  return type === undefined || sort !== 'func' ? { sort } : { sort, signature: textOf(type) };
}

function textOf({ parameters, results }: FunctionType): string {
  const names = (codes: readonly number[]): string =>
    codes.map((code) => NUMBERS.get(code) ?? 'other').join(', ');
  return `(${names(parameters)}) -> (${names(results)})`;
}

const NUMBERS: ReadonlyMap<number, CoreType> = new Map([
  [0x7f, 'i32'],
  [0x7e, 'i64'],
  [0x7d, 'f32'],
  [0x7c, 'f64'],
]);

function readerOf(bytes: Uint8Array, id: number): BinaryReader | undefined {
  const section = findSection(bytes, id);
  return section && new BinaryReader(bytes, section.contentStart, section.contentEnd);
}
