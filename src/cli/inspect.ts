import { parseArgs } from 'node:util';
import { basename, resolve } from 'node:path';
import { ProgramError, UsageError } from '../errors.ts';
import { inspect, type Inspection } from '../index.ts';
import type { CliIo } from './io.ts';

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

function describe(name: string, found: Inspection): string {
  const lines = [
    ['program', name],
    ['what', `${found.kind === 'module' ? 'core module' : 'component'}, ${found.shape}`],
    ['WASI', found.wasi.join(', ') || 'none'],
    ['size', `${found.size} bytes`],
    ['sha256', found.sha256],
    ['can ask for', found.capabilities.join(', ') || 'nothing'],
    ['imports', found.imports.join('\n             ') || 'none'],
    ['exports', found.exports.join('\n             ') || 'none'],
    ...(found.reason === undefined ? [] : [['cannot run', found.reason]]),
  ];
  return lines.map(([label = '', value = '']) => `${label.padEnd(13)}${escape(value)}\n`).join('');
}

/** Names come from the program: a control sequence in one must not reach a terminal. */
function escape(text: string): string {
  return text.replace(/[^\P{C}\n]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
