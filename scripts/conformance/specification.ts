/**
 * What a test expects: the JSON file beside its program, in the suite's two forms.
 * https://github.com/WebAssembly/wasi-testsuite/blob/main/doc/specification.md
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface Specification {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The directory whose content is the guest's `/`; undefined for none. */
  readonly root: string | undefined;
  readonly exitCode: number;
  readonly stdout: ExpectedOutput;
  readonly stderr: ExpectedOutput;
}

export interface ExpectedOutput {
  readonly text: string;
  /** `whole`: nothing else may come; `start`: what follows is nobody's business. */
  readonly extent: 'whole' | 'start';
}

/** A file that says something else than what this runner can do. */
export class SpecificationError extends Error {
  override readonly name = 'SpecificationError';
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** @param file may be missing: then the defaults hold. @throws SpecificationError */
export async function readSpecification(file: string): Promise<Specification> {
  const text = await readOptional(file);
  const json = parseObject(text);
  const isNew = ['operations', 'proposals', 'world'].some((key) => key in json);
  return isNew ? readOperations(json, dirname(file)) : readLegacy(json, dirname(file));
}

export async function readOptional(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '{}';
    throw error;
  }
}

export function parseObject(text: string): JsonObject {
  try {
    return asObject(JSON.parse(text), 'the file');
  } catch (cause) {
    if (cause instanceof SpecificationError) throw cause;
    throw new SpecificationError('the file is no JSON', { cause });
  }
}

/**
 * All in one object. What is said of a stream holds for the whole of it; of a stream that is not named, nothing is asked:
 * the default of the text is "", but tests without it print, and the suite's own runner does not look.
 */
function readLegacy(json: JsonObject, folder: string): Specification {
  onlyKeys(json, ['args', 'root', 'env', 'exit_code', 'stderr', 'stdout'], 'the file');
  return {
    ...readRun(json, folder),
    exitCode: readExitCode(json),
    stdout: { text: readText(json, 'stdout'), extent: 'stdout' in json ? 'whole' : 'start' },
    // The command itself speaks there as well, after the program.
    stderr: { text: readText(json, 'stderr'), extent: 'start' },
  };
}

/** Steps in order: run, what is read from the streams meanwhile, wait. */
function readOperations(json: JsonObject, folder: string): Specification {
  onlyKeys(json, ['operations', 'proposals', 'world'], 'the file');
  const { proposals = [], world = 'wasi:cli/command' } = json;
  if (!Array.isArray(proposals) || proposals.length > 0) throw unsupported('proposals', proposals);
  if (world !== 'wasi:cli/command') throw unsupported('world', world);
  const operations = asOperations(json['operations']);
  const [run, ...rest] = operations;
  const wait = rest.pop();
  if (run?.['type'] !== 'run' || wait?.['type'] !== 'wait')
    throw new SpecificationError('the operations do not start with `run` and end with `wait`');
  onlyKeys(run, ['type', 'args', 'env', 'root'], '`run`');
  onlyKeys(wait, ['type', 'exit_code'], '`wait`');
  return { ...readRun(run, folder), exitCode: readExitCode(wait), ...readOutputs(rest) };
}

function asOperations(operations: unknown): JsonObject[] {
  if (operations === undefined) return [{ type: 'run' }, { type: 'wait' }];
  if (!Array.isArray(operations)) throw new SpecificationError('`operations` is no list');
  return operations.map((operation) => asObject(operation, 'an operation'));
}

function readOutputs(reads: readonly JsonObject[]): Pick<Specification, 'stdout' | 'stderr'> {
  const texts = { stdout: '', stderr: '' };
  for (const read of reads) {
    if (read['type'] !== 'read') throw unsupported('operation', read['type']);
    onlyKeys(read, ['type', 'id', 'payload'], '`read`');
    const { id = 'stdout' } = read;
    if (id !== 'stdout' && id !== 'stderr') throw unsupported('id of `read`', id);
    texts[id] += readText(read, 'payload');
  }
  return {
    stdout: { text: texts.stdout, extent: 'start' },
    stderr: { text: texts.stderr, extent: 'start' },
  };
}

export function readRun(json: JsonObject, folder: string): Pick<Specification, 'args' | 'env' | 'root'> {
  const { args = [], root = null } = json;
  if (!isStrings(args)) throw new SpecificationError('`args` is no list of strings');
  const env = asObject(json['env'] ?? {}, '`env`');
  if (!isStrings(Object.values(env))) throw new SpecificationError('`env` has values that are no strings');
  if (root !== null && typeof root !== 'string') throw new SpecificationError('`root` is no string');
  return {
    args,
    env: env as Readonly<Record<string, string>>,
    root: root === null ? undefined : join(folder, root),
  };
}

export function readExitCode({ exit_code: code = 0 }: JsonObject): number {
  if (typeof code !== 'number' || !Number.isInteger(code))
    throw new SpecificationError('`exit_code` is no integer');
  return code;
}

export function readText(json: JsonObject, key: string): string {
  const text = json[key] ?? '';
  if (typeof text !== 'string') throw new SpecificationError(`\`${key}\` is no string`);
  return text;
}

export function asObject(value: unknown, what: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SpecificationError(`${what} is no object`);
  return value as JsonObject;
}

export function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/** What nobody here knows might be what the test is about. */
export function onlyKeys(json: JsonObject, known: readonly string[], what: string): void {
  const unknown = Object.keys(json).filter((key) => !known.includes(key));
  if (unknown.length > 0)
    throw new SpecificationError(`${what} has what this runner does not know: ${unknown.join(', ')}`);
}

export function unsupported(what: string, found: unknown): SpecificationError {
  return new SpecificationError(`${what} ${JSON.stringify(found)} is nothing that this runner can do`);
}
