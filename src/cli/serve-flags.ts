import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UsageError } from '../errors.ts';
import { parseBytes, parseDuration } from '../policy/index.ts';
import { checked, GRANT_OPTIONS, type GrantFlags, parseGrantFlags, toSize } from './run-flags.ts';

interface Address {
  readonly host: string;
  readonly port: number;
}

/** What the flags of `bailiwick serve` say. */
export interface ServeFlags extends Address {
  /** Where metrics are to be had; undefined: nowhere. */
  readonly metrics: Address | undefined;
  readonly grants: GrantFlags;
  /** The one program, or a file of routes. */
  readonly program: string | undefined;
  readonly routes: string | undefined;
  readonly reuse: number | undefined;
  readonly maxConcurrent: number | undefined;
  /** Bytes. */
  readonly maxBody: number | undefined;
  /** Milliseconds. */
  readonly grace: number | undefined;
  readonly verbose: boolean;
}

const OPTIONS = {
  ...GRANT_OPTIONS,
  addr: { type: 'string' },
  metrics: { type: 'string' },
  routes: { type: 'string' },
  reuse: { type: 'string' },
  'max-concurrent': { type: 'string' },
  'max-body': { type: 'string' },
  grace: { type: 'string' },
  verbose: { type: 'boolean' },
} as const satisfies ParseArgsConfig['options'];

/** Flags that say what one program gets; with `--routes` the file says it, for each. */
const OF_ONE_PROGRAM = [
  'policy',
  'dir',
  'env',
  'timeout',
  'max-memory',
  'http',
  'connect',
  'listen',
  'tcplisten',
  'lookup',
  'tenant',
  'isolation',
] as const;

/** @throws UsageError */
export function parseServeFlags(args: readonly string[]): ServeFlags {
  const { values, positionals } = parse(args);
  const [program] = positionals;
  if (positionals.length > 1 || (program === undefined) === (values.routes === undefined)) {
    throw usage('Expected one component, or --routes FILE.');
  }
  const extra = values.routes === undefined ? undefined : OF_ONE_PROGRAM.find((flag) => values[flag]);
  if (extra !== undefined) throw usage(`--${extra} is for one program; with --routes the file says it.`);
  return {
    ...parseAddress('--addr', values.addr ?? '127.0.0.1:8080'),
    metrics: values.metrics === undefined ? undefined : parseAddress('--metrics', values.metrics),
    grants: parseGrantFlags(values),
    program,
    routes: values.routes,
    reuse: parseCount('--reuse', values.reuse),
    maxConcurrent: parseCount('--max-concurrent', values['max-concurrent']),
    maxBody: parseWith('--max-body', values['max-body'], (size) => parseBytes(toSize(size))),
    grace: parseWith('--grace', values.grace, (duration) => Number(parseDuration(duration) / 1_000_000n)),
    verbose: values.verbose === true,
  };
}

type ServeValues = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>;

function parse(args: readonly string[]): ServeValues {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    throw usage(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** `HOST:PORT`, `[IPv6]:PORT` or `:PORT`, which is this machine alone. */
function parseAddress(name: string, flag: string): Address {
  const found = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(flag);
  const port = Number(found?.[3]);
  if (found === null || port > 65_535) {
    throw new UsageError(
      'BW_USAGE',
      `${name} ${JSON.stringify(flag)} is not understood: expected HOST:PORT.`,
      {
        hint: `For example ${name} 127.0.0.1:8080, or ${name} [::1]:0 for a port that is free`,
      },
    );
  }
  return { host: found[1] ?? (found[2] || '127.0.0.1'), port };
}

function parseCount(flag: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const count = /^\d{1,9}$/.test(value) ? Number(value) : 0;
  if (count > 0) return count;
  throw usage(`${flag} is ${JSON.stringify(value)}; expected a whole number from 1 up.`);
}

function parseWith(
  flag: string,
  value: string | undefined,
  read: (value: string) => number,
): number | undefined {
  const text = checked(flag, value, read);
  return text === undefined ? undefined : read(text);
}

function usage(message: string, cause?: unknown): UsageError {
  return new UsageError('BW_USAGE', message, { cause, hint: 'See `bailiwick serve --help`.' });
}
