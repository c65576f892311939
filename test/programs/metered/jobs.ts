import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type HostTree, hostTree } from '../../support/host-tree.ts';
import { unpackedArchive } from '../archives.ts';
import {
  job,
  LLVM,
  type ProgramMount,
  type ProgramOptions,
  type ProgramRun,
  PYTHON_3_12,
  RUNNO,
  runProgram,
} from '../run-program.ts';

/** Every row, when the ledger is done. */
const DUMP = 'SELECT account, amount, note FROM entries ORDER BY note;\n';

/** Large programs of others, that do byte for byte the same when they are metered, and spend the same each time. */
export class MeteredJobs implements Disposable {
  readonly #sysroot: HostTree;
  readonly #scripts: HostTree;

  private constructor(sysroot: HostTree) {
    this.#sysroot = sysroot;
    this.#scripts = hostTree({ 'ledger.sql': `${job('ledger.sql')}${DUMP}`, 'primes.c': job('primes.c') });
  }

  /** @param headers whether clang is to find any, which takes seconds */
  static async open(headers: boolean): Promise<MeteredJobs> {
    const archive = join(LLVM, 'llvm-resources.tar');
    return new MeteredJobs(headers ? await unpackedArchive(archive, { only: isHeader }) : hostTree({}));
  }

  /**
   * Runs one of {@link JOBS} plain, and metered with other slices.
   *
   * @returns units that it spends
   * @throws AssertionError when something is not the same
   */
  async compare(name: JobName): Promise<number> {
    const run = async (limits: object): Promise<ProgramRun> =>
      runProgram(...JOBS[name](limits, this.#sysroot, this.#scripts));
    const plain = await run({});
    assert.deepEqual(plain.outcome, { kind: 'exit', code: 0 }, plain.stderr);
    assert.ok(plain.output.length > 500, `it only wrote ${plain.stdout}`);
    const fuels: number[] = [];
    for (const limits of [{ fuel: 1e12 }, { fuel: 1e12, slice: '1ms', cpu: '1h' }]) {
      const metered = await run(limits);
      assert.deepEqual(metered.outcome, plain.outcome);
      assert.equal(Buffer.compare(metered.output, plain.output), 0, 'it wrote something else');
      assert.equal(metered.stderr, plain.stderr);
      fuels.push(metered.usage.fuel);
    }
    const [first = 0, second] = fuels;
    assert.ok(first > 1e6, `it spent ${first}`);
    assert.equal(second, first);
    return first;
  }

  [Symbol.dispose](): void {
    this.#sysroot[Symbol.dispose]();
    this.#scripts[Symbol.dispose]();
  }
}

const isHeader = (name: string): boolean => /^include\/(?:wasm32-wasip1\/|__?std|std)/.test(name);

const given = (id: string, mount: string, tree: HostTree): ProgramMount => ({
  id,
  mount,
  volume: { backend: { host: id }, bindings: { directories: { [id]: tree.path } } },
  access: 'read',
});

const work: ProgramMount = {
  id: 'work',
  mount: '/job',
  volume: { backend: { memory: {} }, bindings: {} },
  access: ['read', 'create', 'write', 'delete', 'rename'],
};

/** CPython at work: classes, exceptions, generators, sorting, numbers of any size, hashes by its own code. */
const SCRIPT = `
import json, re
class Broken(Exception): pass
def numbers(count):
    for n in range(count):
        if n % 97 == 0:
            try: raise Broken(n)
            except Broken as e: yield -e.args[0]
        yield n * n
found = sorted(numbers(3000), key=lambda n: (n % 1000, n))
print(json.dumps(found[:200]), 3 ** 2000, re.sub(r"(\\\\d+)7", r"<\\\\1>", str(2 ** 500)))
`;

export type JobName = 'SQLite' | 'CPython' | 'clang compiling a file';

type Job = (
  limits: object,
  sysroot: HostTree,
  scripts: HostTree,
) => [program: string, options: ProgramOptions];

/** How each program runs under given limits. */
export const JOBS: Readonly<Record<JobName, Job>> = {
  SQLite: (limits, _sysroot, scripts) => [
    join(RUNNO, 'sqlite.wasm'),
    {
      mounts: [given('scripts', '/app', scripts), work],
      policy: { limits: { memory: '16MiB', ...limits } },
      args: ['-batch', '/job/ledger.db', '.read /app/ledger.sql'],
    },
  ],
  'clang compiling a file': (limits, sysroot, scripts) => [
    join(LLVM, 'llvm.core.wasm'),
    {
      mounts: [given('sysroot', '/usr', sysroot), given('input', '/in', scripts), work],
      policy: { random: { seed: 'llvm' }, limits: { memory: '128MiB', ...limits } },
      args: [
        'clang -cc1 -triple wasm32-unknown-wasip1 -O2 -Wall -Werror -emit-obj -main-file-name primes.c',
        '-resource-dir /usr -isysroot /usr -internal-isystem /usr/include',
        '-internal-isystem /usr/include/wasm32-wasip1 -o - /in/primes.c',
      ].flatMap((words) => words.split(' ')),
    },
  ],
  CPython: (limits) => [
    PYTHON_3_12,
    {
      mounts: [],
      policy: { random: { seed: 'python' }, environment: { PYTHONHASHSEED: '0' }, limits },
      args: ['-c', SCRIPT],
    },
  ],
};
