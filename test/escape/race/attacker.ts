import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/**
 * Swaps directories and a file of the jail for symlinks to the same names outside and back, as fast as it can, until it
 * is killed. What is swapped at `a` and `a/b` is moved outside meanwhile, with all that lies below.
 */
const SWAPS = `
  const { renameSync, symlinkSync, unlinkSync } = require('node:fs');
  process.chdir(process.argv[1]);
  process.stdout.write('ready');
  const swaps = [
    ['dir', 'dir.real', '../outside/dir'],
    ['file', 'file.real', '../outside/file'],
    ['a/b', '../aside', '../../outside/a/b'],
    ['a', '../aside', '../outside/a'],
    ['a/b/c/d', 'a/b/c/d.real', '../../../../outside/a/b/c/d'],
  ];
  for (;;) {
    for (const [name, aside, target] of swaps) {
      renameSync(name, aside);
      symlinkSync(target, name);
      unlinkSync(name);
      renameSync(aside, name);
    }
  }
`;

/** A directory to confine a guest to, with a lookalike beside it, and a process that swaps what is in it. */
export class Attacker implements AsyncDisposable {
  readonly jail: string;
  readonly #base: string;
  readonly #process: ChildProcessByStdio<null, Readable, null>;

  private constructor(base: string) {
    this.#base = base;
    this.jail = join(base, 'jail');
    this.#process = spawn(process.execPath, ['-e', SWAPS, this.jail], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  }

  static async start(): Promise<Attacker> {
    const base = mkdtempSync(join(tmpdir(), 'bailiwick-race-'));
    makeTree(join(base, 'jail'), 'inside', 'none');
    makeTree(join(base, 'outside'), 'OUTSIDE'.padEnd(4096), 'secret');
    const attacker = new Attacker(base);
    await once(attacker.#process.stdout, 'data');
    return attacker;
  }

  /** @returns whether it is still at it */
  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Everything about the outside that a guest could have changed: names, contents, and times of last change. */
  outside(): Record<string, string> {
    const root = join(this.#base, 'outside');
    const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).toSorted();
    return Object.fromEntries(
      ['.', ...names].map((name) => {
        const path = join(root, name);
        const stats = statSync(path, { bigint: true });
        const content = stats.isFile() ? readFileSync(path, 'utf8').slice(0, 16) : '';
        return [name, `${stats.mtimeNs} ${stats.ctimeNs} ${content}`];
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.running) {
      this.#process.kill('SIGKILL');
      await once(this.#process, 'close');
    }
    rmSync(this.#base, { recursive: true });
  }
}

function makeTree(root: string, content: string, marker: string): void {
  for (const directory of ['.', 'dir', 'a', 'a/b', 'a/b/c', 'a/b/c/d', 'a/b/c/d/e']) {
    mkdirSync(join(root, directory), { recursive: true });
    writeFileSync(join(root, directory, 'file'), content);
    writeFileSync(join(root, directory, marker), content);
  }
}
