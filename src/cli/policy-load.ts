import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import {
  isLiteralHostPath,
  normalizePolicy,
  parsePolicy,
  PRESET_PREFIX,
  PolicyError,
} from '../policy/index.ts';
import type { Policy, PolicyResolver } from '../policy/index.ts';
import type { CliIo } from './io.ts';

/**
 * Reads the policy of a file with the files that it extends, or a preset (`preset:NAME`).
 *
 * @param name of the file as the user wrote it, from `io.cwd`; errors repeat it
 * @throws PolicyError; UsageError (`BW_POLICY_UNREADABLE`) when the file itself cannot be read
 */
export async function loadPolicy(name: string, io: CliIo): Promise<Policy> {
  if (name.startsWith(PRESET_PREFIX)) return normalizePolicy({ version: 1, extends: [name] });
  const text = await readText(name, io);
  const files = new Map<string, string>();
  // Parsing is synchronous and reading is not: each round reads the files that the one before could not find.
  for (;;) {
    const wanted = new Set<string>();
    try {
      return parsePolicy(text, { file: name, resolve: resolver(files, wanted) });
    } catch (error) {
      if (!(error instanceof PolicyError) || !(await readInto(files, wanted, io))) throw error;
    }
  }
}

/** Extends files by their path, which counts from the file that names them. */
function resolver(files: ReadonlyMap<string, string>, wanted: Set<string>): PolicyResolver {
  return (name, from) => {
    if (!isLiteralHostPath(name)) return undefined;
    const file = name.startsWith('/') ? name : join(dirname(from ?? ''), name);
    const text = files.get(file);
    if (text === undefined) wanted.add(file);
    return text === undefined ? undefined : { text, file };
  };
}

/** @returns false when there was nothing new to be had */
async function readInto(
  files: Map<string, string>,
  wanted: ReadonlySet<string>,
  io: CliIo,
): Promise<boolean> {
  const before = files.size;
  for (const file of wanted) {
    // One that cannot be read stays away, and is reported at its place in `extends`.
    const text = await readText(file, io).catch(() => undefined);
    if (text !== undefined) files.set(file, text);
  }
  return files.size > before;
}

async function readText(name: string, io: CliIo): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await io.readFile(resolve(io.cwd, name)));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'not valid UTF-8';
    const reason = code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'not valid UTF-8' : code;
    throw new UsageError(
      'BW_POLICY_UNREADABLE',
      `The policy ${JSON.stringify(name)} cannot be read: ${reason}.`,
      {
        cause,
        hint: 'Name a file, or a preset such as preset:command.',
      },
    );
  }
}
