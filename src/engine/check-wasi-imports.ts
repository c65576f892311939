import { PARAMETERS } from '../../shims/preview1/signatures.ts';
import { ProgramError } from '../errors.ts';
import { type FunctionType, readFunctionImports } from './core-types.ts';
import { isWasiModule, UNSTABLE_MODULE, WASI_VERSION_OF_MODULE } from './wasi-modules.ts';

/** Codes of value types in the binary format, as the text format writes them. */
const TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [0x7f, 'i32'],
  [0x7e, 'i64'],
  [0x7d, 'f32'],
  [0x7c, 'f64'],
  [0x7b, 'v128'],
  [0x70, 'funcref'],
  [0x6f, 'externref'],
]);

/**
 * Checks that a core module imports the functions of WASI 0.1 with their types. V8 does not: host functions are
 * JavaScript, which takes whatever comes, and would get a BigInt or a fraction where it counts on a u32.
 *
 * @param name how the error names the program
 * @throws ProgramError BW_PROGRAM_IMPORT_TYPE
 */
export function checkWasiImports(bytes: Uint8Array, name: string): void {
  for (const { module, name: imported, type } of readFunctionImports(bytes)) {
    if (!isWasiModule(module) || !isFunctionOf(module, imported)) continue;
    const found = writeType(type);
    const expected = expectedType(imported);
    if (found === expected) continue;
    throw new ProgramError(
      'BW_PROGRAM_IMPORT_TYPE',
      `${name} imports ${module}.${imported} as ${found}; WASI ${WASI_VERSION_OF_MODULE[module]} has ${expected}.`,
      { hint: 'Build it for wasm32-wasip1; 64-bit addresses have no WASI 0.1.' },
    );
  }
}

function isFunctionOf(module: string, name: string): name is keyof typeof PARAMETERS {
  return Object.hasOwn(PARAMETERS, name) && !(module === UNSTABLE_MODULE && name === 'sock_accept');
}

function expectedType(name: keyof typeof PARAMETERS): string {
  const parameters = Array.from(PARAMETERS[name], (letter) => (letter === 'i' ? 0x7f : 0x7e));
  return writeType({ parameters, results: name === 'proc_exit' ? [] : [0x7f] });
}

function writeType({ parameters, results }: FunctionType): string {
  const write = (types: readonly number[]): string =>
    `(${types.map((type) => TYPE_NAMES.get(type) ?? 'ref').join(', ')})`;
  return `${write(parameters)} -> ${write(results)}`;
}
