import { parseArgs } from 'node:util';
import { basename, resolve } from 'node:path';
import { escapeText } from '../audit/escape-text.ts';
import { ProgramError, UsageError } from '../errors.ts';
import { inspect, type Inspection } from '../index.ts';
import type { CliIo } from './io.ts';

const INDENT = 13;

/** `bailiwick inspect`: what a program is and what it can ask for. */
export async function inspectCommand(args: readonly string[], io: CliIo): Promise<number> {
  const { file, json } = parseFlags(args);
  const found = inspect(await read(file, io), basename(file));
  io.stdout.write(json ? `${JSON.stringify(found, undefined, 2)}\n` : describe(basename(file), found));
  return 0;
}

function parseFlags(args: readonly string[]): { file: string; json: boolean } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { json: { type: 'boolean' } },
      allowPositionals: true,
    });
    const [file] = positionals;
    if (file === undefined || positionals.length > 1)
      throw new Error(`expected one program, found ${positionals.length}`);
    return { file, json: values.json === true };
  } catch (cause) {
    throw new UsageError('BW_USAGE', cause instanceof Error ? cause.message : String(cause), {
      cause,
      hint: 'bailiwick inspect [--json] PROGRAM.wasm',
    });
  }
}

async function read(file: string, io: CliIo): Promise<Uint8Array> {
  try {
    return await io.readFile(resolve(io.cwd, file));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new ProgramError(
      'BW_PROGRAM_UNREADABLE',
      `The program ${JSON.stringify(file)} cannot be read: ${code}.`,
      { cause },
    );
  }
}

/** Names come from the program: none may break a line or drive a terminal. */
function describe(name: string, found: Inspection): string {
  const list = (names: readonly string[]): string =>
    names.map(escapeText).join(`\n${' '.repeat(INDENT)}`) || 'none';
  const lines = [
    ['program', escapeText(name)],
    ['what', `${found.kind === 'module' ? 'core module' : 'component'}, ${found.shape}`],
    ['WASI', found.wasi.map(escapeText).join(', ') || 'none'],
    ['size', `${found.size} bytes`],
    ['sha256', found.sha256],
    ...(found.coreModules.length === 0
      ? []
      : [['core modules', list(found.coreModules.map(({ size, sha256 }) => `${sha256}  ${size} bytes`))]]),
    ['can ask for', found.capabilities.join(', ') || 'nothing'],
    ['imports', list(found.imports)],
    ['exports', list(found.exports)],
    ...(found.reason === undefined ? [] : [['cannot run', escapeText(found.reason)]]),
  ];
  return lines.map(([label = '', value = '']) => `${label.padEnd(INDENT)}${value}\n`).join('');
}
