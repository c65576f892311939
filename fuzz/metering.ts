// Whatever module: metered, it does what it did before, whatever it is given at a time, and spends the same. Random modules are
// made by Binaryen (wasm-opt --translate-to-fuzz), of every feature that V8 runs without a flag.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { meterModule } from '../src/engine/metering/meter-module.ts';
import { meterBytes, type MeteredRun } from '../test/unit/engine/metering/metered-run.ts';
import type { FuzzTarget } from './target.ts';

const run = promisify(execFile);
const WASM_OPT = fileURLToPath(new URL('bin/wasm-opt', import.meta.resolve('binaryen')));

/** What V8 does not run, and what gives other results from one compiler of V8 to the next. */
const WITHOUT = [
  'shared-everything',
  'stack-switching',
  'strings',
  'fp16',
  'custom-descriptors',
  'relaxed-simd',
  'relaxed-atomics',
  'wide-arithmetic',
  'multibyte',
  'custom-page-sizes',
  'compact-imports',
];

/** Units after which a module is left alone; what it did until then has been compared. */
const LIMIT = 20_000_000;

/** Sizes of what Binaryen makes a module of: the more, the larger the module. */
const SIZES = [2000, 20_000, 100_000];

/** A seed is the size; what is made of a size is random. */
export async function meteringTarget(): Promise<FuzzTarget> {
  const known = (await run(process.execPath, [WASM_OPT, '--help'])).stdout;
  const disabled = WITHOUT.filter((name) => known.includes(`--disable-${name}`)).map(
    (name) => `--disable-${name}`,
  );
  const seeds = SIZES.map((_size, index) => Uint8Array.of(index, ...Array<number>(31).fill(0)));
  return { seeds, run: (input) => check(input, disabled) };
}

/** As many bytes as the first byte says, of the key stream that the others are the key of. */
function stretch(input: Uint8Array): Uint8Array {
  const size = SIZES[(input[0] ?? 0) % SIZES.length] as number;
  const key = createHash('sha256').update(input).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

async function check(input: Uint8Array, disabled: readonly string[]): Promise<void> {
  const bytes = await translate(input, disabled);
  if (!WebAssembly.validate(bytes)) return;
  assert.ok(WebAssembly.validate(meterModule(bytes).bytes), 'the metered module is not valid');
  const metered = observe(bytes, meteredExports(bytes, 1 << 16));
  const other = observe(bytes, meteredExports(bytes, 7));
  const plain = observe(bytes, plainExports(bytes));
  // A stack is full earlier with more locals on it, and a module that spends all ends in the middle.
  const comparable = [metered, other].every((each) => each.whole) && plain.whole;
  if (!comparable) return;
  assert.deepEqual(metered.seen, plain.seen);
  assert.deepEqual(other.seen, plain.seen);
  assert.equal(other.spent, metered.spent);
}

async function translate(input: Uint8Array, disabled: readonly string[]): Promise<Uint8Array<ArrayBuffer>> {
  const folder = await mkdtemp(join(tmpdir(), 'bailiwick-fuzz-'));
  try {
    const [source, made] = [join(folder, 'in'), join(folder, 'out.wasm')];
    await writeFile(source, stretch(input));
    // A module has either the old exceptions or the new ones; Binaryen mixes them.
    const exceptions = (input[1] ?? 0) % 2 === 0 ? '--emit-exnref' : '--disable-exception-handling';
    const flags = ['--translate-to-fuzz', '--all-features', ...disabled, exceptions, '--denan', '-o', made];
    await run(process.execPath, [WASM_OPT, source, ...flags]);
    return new Uint8Array(await readFile(made));
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Made {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly spent: () => number;
  readonly start: (() => unknown) | undefined;
}

type Make = (imports: WebAssembly.Imports) => Made;

const plainExports =
  (bytes: Uint8Array<ArrayBuffer>): Make =>
  (imports) => {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
    return { exports, spent: () => 0, start: undefined };
  };

const meteredExports =
  (bytes: Uint8Array, chunk: number): Make =>
  (imports) => {
    const made: MeteredRun = meterBytes(bytes, { chunk, limit: LIMIT, imports });
    const { start } = made;
    return {
      exports: made.exports,
      spent: made.spent,
      start: start === undefined ? undefined : made.exports[start],
    };
  };

interface Observed {
  /** What its functions gave, what it told its imports, what it left. */
  readonly seen: readonly unknown[];
  /** It came to its end without filling the stack or spending all. */
  readonly whole: boolean;
  readonly spent: number;
}

/** Calls every function that the module exports, once. */
function observe(bytes: Uint8Array<ArrayBuffer>, make: Make): Observed {
  const module = new WebAssembly.Module(bytes);
  const seen: unknown[] = [];
  let whole = true;
  const found: Made[] = [];
  const attempt = (name: string, job: () => unknown): void => {
    try {
      seen.push([name, shown(job())]);
    } catch (error) {
      if (error instanceof RangeError) whole = false;
      seen.push([name, error instanceof Error ? error.message : String(error)]);
    }
  };
  attempt('instantiate', () => void found.push(make(importsOf(module, seen))));
  const [made] = found;
  if (made === undefined) return { seen, whole, spent: 0 };
  const { exports, spent, start } = made;
  if (start !== undefined) attempt('instantiate', () => void start());
  for (const { name, kind } of WebAssembly.Module.exports(module)) {
    const value = exports[name];
    if (kind === 'function') attempt(name, () => (value as (...args: unknown[]) => unknown)(0, 0, 0, 0));
    else if (value instanceof WebAssembly.Memory)
      seen.push([name, createHash('sha256').update(Buffer.from(value.buffer)).digest('hex')]);
    else if (value instanceof WebAssembly.Global) attempt(name, () => value.value);
  }
  return { seen, whole: whole && spent() <= LIMIT, spent: spent() };
}

/** Functions that note what they are told; the rest as it is described. */
function importsOf(module: WebAssembly.Module, seen: unknown[]): WebAssembly.Imports {
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    const values = (imports[from] ??= {});
    if (kind === 'function')
      values[name] = (...args: unknown[]) => {
        if (seen.length < 100_000) seen.push([name, args.map(shown)]);
        return name.includes('i64') ? 0n : 0;
      };
  }
  return imports;
}

/** References are other objects from run to run. */
function shown(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (Array.isArray(value)) return value.map(shown).join();
  return value === null || typeof value === 'bigint' || typeof value === 'undefined'
    ? String(value)
    : typeof value;
}
