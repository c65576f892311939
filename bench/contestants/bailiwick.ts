import {
  Engine,
  type Instance,
  type InstantiateOptions,
  normalizePolicy,
  type Policy,
  type Program,
} from '../../src/index.ts';
import { ByteCollector } from './byte-collector.ts';

/** Everything that the guests need, with quotas, limits and the default log. Clocks are as fine as the machine's. */
export const POLICY: Policy = makePolicy({ memory: {}, quota: { bytes: '16MiB', files: 100 } });

/** A guest under a deadline runs in a realm of its own, and every entry is timed. */
export const POLICY_WITH_DEADLINE: Policy = makePolicy(
  { memory: {}, quota: { bytes: '16MiB', files: 100 } },
  { deadline: '1min' },
);

/** By how guests are metered. A slice of a second is longer than a round: nobody gives way. */
export const METERED_POLICIES: Readonly<Record<string, Policy>> = {
  'with fuel': makePolicy({ memory: {} }, { fuel: Number.MAX_SAFE_INTEGER, slice: '1s' }),
  'giving way': makePolicy({ memory: {} }, { cpu: '1h' }),
};

/** Room for many and for large files; on the host, in the directory that {@link onDirectory} binds. */
const FILES_QUOTA = { bytes: '128MiB', files: 20_000 };
export const FILES_IN_MEMORY: Policy = makePolicy({ memory: {}, quota: FILES_QUOTA });
const FILES_ON_HOST: Policy = makePolicy({ host: 'data', quota: FILES_QUOTA });
const FILES_COPIED: Policy = makePolicy({ memory: { from: { host: 'data' } }, quota: FILES_QUOTA });

function makePolicy(volume: object, limits: object = {}): Policy {
  const document = {
    version: 1,
    name: 'bench',
    filesystem: [{ id: 'data', mount: '/data', access: 'read-write', ...volume }],
    clocks: { wall: { resolution: '1ns' }, monotonic: { resolution: '1ns' } },
    random: 'secure',
    environment: { LANG: 'C.UTF-8' },
    arguments: true,
    stdio: { stdout: { bytes: '128MiB' }, stderr: { bytes: '1MiB' } },
    limits: { memory: '256MiB', handles: 1000, ...limits },
  };
  return normalizePolicy(document);
}

/** @returns what runs a guest on a host volume */
export function onDirectory(directory: string): Partial<InstantiateOptions> {
  return { policy: FILES_ON_HOST, bindings: { directories: { data: directory } } };
}

/** @returns what runs a guest on a memory volume that starts with what the directory holds */
export function copyOfDirectory(directory: string): Partial<InstantiateOptions> {
  return { policy: FILES_COPIED, bindings: { directories: { data: directory } } };
}

/** Our side: one compiled program. */
export class BailiwickProgram {
  readonly #program: Program;

  private constructor(program: Program) {
    this.#program = program;
  }

  static async compile(bytes: Uint8Array): Promise<BailiwickProgram> {
    return new BailiwickProgram(await new Engine({ cache: false }).compile(bytes));
  }

  instantiate(options: Partial<InstantiateOptions> = {}): Promise<Instance> {
    return this.#program.instantiate({ policy: POLICY, ...options });
  }

  /** Runs a command to its end. @returns its standard output @throws when it fails */
  async run(args: readonly string[], options: Partial<InstantiateOptions> = {}): Promise<string> {
    const stdout = new ByteCollector();
    const stderr = new ByteCollector();
    await using instance = await this.instantiate({ ...options, args, stdout, stderr });
    const { exitCode, outcome } = await instance.run();
    if (exitCode !== 0) throw new Error(`${JSON.stringify(outcome)}: ${stderr.text}`);
    return stdout.text;
  }
}
