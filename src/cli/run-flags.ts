import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UsageError } from '../errors.ts';
import { NETWORK_OPTIONS, type NetworkFlag, type NetworkFlags, parseNetworkFlags } from './network-flags.ts';
import { ISOLATION_LEVELS, type IsolationLevel } from '../engine/isolation/isolation.ts';
import { parseBytes, parseDuration, PolicyValueError } from '../policy/index.ts';

/** What the flags say that `bailiwick run` and `bailiwick serve` share. */
export interface GrantFlags {
  readonly policy: string | undefined;
  readonly directories: readonly DirectoryFlag[];
  readonly environment: readonly EnvironmentFlag[];
  readonly network: NetworkFlags;
  readonly timeout: string | undefined;
  readonly maxMemory: string | undefined;
  readonly audit: string | undefined;
  readonly tenant: string;
  readonly isolation: IsolationLevel;
  readonly useCache: boolean;
}

/** What the flags of `bailiwick run` say. */
export interface RunFlags extends GrantFlags {
  /** Where what the program changed in its overlay goes, as an archive. */
  readonly changes: string | undefined;
  readonly printPolicy: boolean;
  /** Path of the program; undefined only with `printPolicy`. */
  readonly program: string | undefined;
  readonly args: readonly string[];
}

export interface DirectoryFlag {
  readonly host: string;
  readonly guest: string;
  readonly mode: DirectoryMode;
}

/** How `--dir` mounts: as it is, or so that the program's changes stay in memory; `image` serves an archive. */
export const DIRECTORY_MODES = ['rw', 'ro', 'overlay', 'memory', 'image'] as const;
export type DirectoryMode = (typeof DIRECTORY_MODES)[number];

export interface EnvironmentFlag {
  readonly name: string;
  /** undefined: the host's value. */
  readonly value: string | undefined;
}

type GrantOptions = Readonly<
  Record<
    'policy' | 'timeout' | 'max-memory' | 'audit' | 'tenant' | 'isolation',
    { readonly type: 'string' }
  > &
    Record<'dir' | 'env' | NetworkFlag, { readonly type: 'string'; readonly multiple: true }> &
    Record<'inherit-network' | 'no-cache', { readonly type: 'boolean' }>
>;

/** Flags of `run` and `serve`. */
export const GRANT_OPTIONS: GrantOptions = {
  policy: { type: 'string' },
  dir: { type: 'string', multiple: true },
  env: { type: 'string', multiple: true },
  timeout: { type: 'string' },
  'max-memory': { type: 'string' },
  'inherit-network': { type: 'boolean' },
  ...NETWORK_OPTIONS,
  audit: { type: 'string' },
  tenant: { type: 'string' },
  isolation: { type: 'string' },
  'no-cache': { type: 'boolean' },
};

const OPTIONS = {
  ...GRANT_OPTIONS,
  changes: { type: 'string' },
  'print-policy': { type: 'boolean' },
} as const satisfies ParseArgsConfig['options'];

/**
 * Reads the flags; everything after the program's name belongs to the program.
 *
 * @throws UsageError
 */
export function parseRunFlags(args: readonly string[]): RunFlags {
  const own = ownPart(args);
  const values = parse(args.slice(0, own));
  const grants = parseGrantFlags(values);
  const printPolicy = values['print-policy'] === true;
  const program = args[own];
  if (program === undefined && !printPolicy) {
    throw new UsageError(
      'BW_USAGE',
      'No program was named: expected `bailiwick run [OPTIONS] PROGRAM.wasm [ARGS...]`.',
      {
        hint: 'See `bailiwick run --help`.',
      },
    );
  }
  return { ...grants, changes: values.changes, printPolicy, program, args: args.slice(own + 1) };
}

export type GrantValues = ReturnType<typeof parseArgs<{ options: typeof GRANT_OPTIONS }>>['values'];

/** @throws UsageError */
export function parseGrantFlags(values: GrantValues): GrantFlags {
  if (values['inherit-network'] === true) {
    throw new UsageError(
      'BW_NOT_SUPPORTED',
      '--inherit-network is not supported: a program gets what it is granted, never the whole network.',
      {
        hint: 'Grant what it needs: --http, --connect, --listen, --lookup.',
      },
    );
  }
  return {
    policy: values.policy,
    directories: (values.dir ?? []).map(parseDirectory),
    environment: (values.env ?? []).map(parseVariable),
    network: parseNetworkFlags(values),
    timeout: checked('--timeout', values.timeout, parseDuration),
    maxMemory: checked('--max-memory', values['max-memory'], (size) => parseBytes(toSize(size))),
    audit: values.audit,
    tenant: values.tenant ?? 'default',
    isolation: parseIsolation(values.isolation),
    useCache: values['no-cache'] !== true,
  };
}

function parseIsolation(flag: string = 'inline'): IsolationLevel {
  if (isIsolation(flag)) return flag;
  throw new UsageError(
    'BW_USAGE',
    `--isolation is ${JSON.stringify(flag)}; expected one of ${ISOLATION_LEVELS.join(', ')}.`,
    { hint: 'For example --isolation process' },
  );
}

/** @returns whether it names a level */
export function isIsolation(level: string): level is IsolationLevel {
  return (ISOLATION_LEVELS as readonly string[]).includes(level);
}

/** Wrong values are told by their flag, before they become a policy. */
export function checked(
  flag: string,
  value: string | undefined,
  read: (value: string) => unknown,
): string | undefined {
  try {
    if (value !== undefined) read(value);
    return value;
  } catch (cause) {
    if (!(cause instanceof PolicyValueError)) throw cause;
    throw new UsageError('BW_USAGE', `${flag}: ${cause.message}.`, {
      cause,
      ...(cause.hint === undefined ? {} : { hint: cause.hint }),
    });
  }
}

/** @returns the size as a policy has it: bytes are a number there */
export function toSize(size: string): string | number {
  return /^\d+$/.test(size) ? Number(size) : size;
}

/** @returns the index of the program's name: the first word that is neither a flag nor a flag's value */
function ownPart(args: readonly string[]): number {
  const { tokens } = parseArgs({
    args: [...args],
    options: OPTIONS,
    allowPositionals: true,
    tokens: true,
    strict: false,
  });
  return tokens.find((token) => token.kind === 'positional')?.index ?? args.length;
}

type RunValues = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>['values'];

function parse(args: readonly string[]): RunValues {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true }).values;
  } catch (cause) {
    throw new UsageError('BW_USAGE', cause instanceof Error ? cause.message : String(cause), {
      cause,
      hint: 'See `bailiwick run --help`.',
    });
  }
}

/** `HOST`, `HOST::GUEST` or `HOST::GUEST::MODE`; without GUEST the host's path is the guest's: `./data` becomes `/data`. */
function parseDirectory(flag: string): DirectoryFlag {
  const [host = '', guest = host, mode = 'rw', ...rest] = flag.split('::');
  const names = guest.split('/').filter((name) => name !== '' && name !== '.');
  if (host === '' || guest === '' || rest.length > 0 || !isMode(mode)) {
    throw directoryError(
      flag,
      `expected HOST::GUEST or HOST::GUEST::MODE, MODE one of ${DIRECTORY_MODES.join(', ')}`,
    );
  }
  if (names.includes('..')) throw directoryError(flag, 'expected a GUEST without `..`');
  return { host, guest: `/${names.join('/')}`, mode };
}

function isMode(mode: string): mode is DirectoryMode {
  return (DIRECTORY_MODES as readonly string[]).includes(mode);
}

function directoryError(flag: string, expected: string): UsageError {
  return new UsageError('BW_USAGE', `--dir ${JSON.stringify(flag)} is not understood: ${expected}.`, {
    hint: 'For example --dir ./data::/data::ro',
  });
}

function parseVariable(flag: string): EnvironmentFlag {
  const at = flag.indexOf('=');
  const name = at === -1 ? flag : flag.slice(0, at);
  if (name === '') {
    throw new UsageError(
      'BW_USAGE',
      `--env ${JSON.stringify(flag)} is not understood: expected NAME=VALUE or NAME.`,
    );
  }
  return { name, value: at === -1 ? undefined : flag.slice(at + 1) };
}
