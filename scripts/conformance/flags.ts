import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Setting, VOLUMES, WASI_VERSIONS } from './setting.ts';

/** What `npm run build` makes: the command as it is published. */
const COMMAND = join(import.meta.dirname, '../../dist/src/cli/bin.js');

export const HELP = `npm run conformance -- SUITE_DIR [options]

Runs the tests of WebAssembly/wasi-testsuite, each through \`bailiwick run\` or \`bailiwick serve\`. SUITE_DIR is a checkout of
its branch prod/testsuite-base, or a folder of one.

  --volume host|memory|overlay  where a test's files are: a copy of its directory, or in memory (host)
  --wasi 0.1|0.2|0.3            the modules of wasm32-wasip1 as they are, or adapted to components, or the components of
                                wasm32-wasip3 (0.1)
  --only NAME                   run only this test (may be repeated)
  --json FILE                   write the results to FILE as well
  --command FILE                the bailiwick to run (dist/src/cli/bin.js)
  --help                        this text

Exit codes: 0 all pass, 1 some do not, 2 wrong flags or no tests.
`;

export interface Flags {
  readonly suite: string;
  readonly setting: Setting;
  readonly only: readonly string[];
  readonly json: string | undefined;
}

/** Something is wrong with what the user asked for. */
export class FlagError extends Error {
  override readonly name = 'FlagError';
}

/** @returns undefined when help is asked for; @throws FlagError */
export function readFlags(args: readonly string[]): Flags | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  const [suite, ...rest] = positionals;
  if (suite === undefined) throw new FlagError('no SUITE_DIR was given');
  if (rest.length > 0) throw new FlagError(`one SUITE_DIR at a time; found also ${rest.join(' ')}`);
  return {
    suite,
    setting: {
      volume: oneOf('--volume', VOLUMES, values.volume),
      wasi: oneOf('--wasi', WASI_VERSIONS, values.wasi),
      command: values.command,
    },
    only: values.only,
    json: values.json,
  };
}

interface Parsed {
  readonly values: {
    readonly volume: string;
    readonly wasi: string;
    readonly only: readonly string[];
    readonly json?: string;
    readonly command: string;
    readonly help: boolean;
  };
  readonly positionals: readonly string[];
}

function parse(args: readonly string[]): Parsed {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        volume: { type: 'string', default: 'host' },
        wasi: { type: 'string', default: '0.1' },
        only: { type: 'string', multiple: true, default: [] },
        json: { type: 'string' },
        command: { type: 'string', default: COMMAND },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (cause) {
    throw new FlagError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function oneOf<T extends string>(flag: string, words: readonly T[], found: string): T {
  const word = words.find((each) => each === found);
  if (word === undefined) throw new FlagError(`${flag} is ${found}; expected ${words.join(', ')}`);
  return word;
}
