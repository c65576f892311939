import { dirname, join } from 'node:path';
import { ISOLATION_LEVELS, type IsolationLevel } from '../engine/isolation/isolation.ts';
import { UsageError } from '../errors.ts';
import { formatPlace, type PolicyProblem } from '../policy/errors.ts';
import type { Issue, Source } from '../policy/source.ts';
import { suggest } from '../policy/suggest.ts';
import { quote } from '../policy/text.ts';
import { readText } from '../policy/text-source.ts';
import { isSamePlace } from '../serve/routes.ts';
import { isIsolation } from './run-flags.ts';

/** One entry of a routes file; paths count from the file's directory. */
export interface RouteEntry {
  readonly host: string | undefined;
  readonly path: string | undefined;
  readonly program: string;
  readonly policy: string;
  readonly tenant: string;
  readonly isolation: IsolationLevel;
}

const REQUIRED = ['program', 'policy', 'tenant'] as const;
const WORDS = ['host', 'path', ...REQUIRED, 'isolation'] as const;

/** RFC 9110, 4.2.1: a name, an IPv4 address, or an IPv6 address in brackets; no port. */
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)$/;

const LEVEL = new RegExp(`^(?:${ISOLATION_LEVELS.join('|')})$`);

/** What a path of a request can look like, without its query. */
const PATH = /^\/[!$-;=@-~]*$/;

/**
 * Reads a routes file: a list of `{ host?, path?, program, policy, tenant, isolation? }`, JSON with comments.
 *
 * @param file as the user named it
 * @throws UsageError BW_ROUTES_INVALID that lists every problem with its place
 */
export function parseRoutes(text: string, file: string): readonly RouteEntry[] {
  const source = readText(text, file);
  const issues = [...source.issues];
  const entries = source.value === undefined ? [] : readList(source.value, issues);
  if (issues.length === 0) return entries.map((entry) => fromDirectory(entry, dirname(file)));
  throw new UsageError('BW_ROUTES_INVALID', `The routes are not valid:\n${describe(issues, source)}`);
}

function readList(value: unknown, issues: Issue[]): readonly RouteEntry[] {
  if (!Array.isArray(value) || value.length === 0) {
    issues.push({ path: [], what: 'wrong type', expected: 'a list of at least one route' });
    return [];
  }
  const entries: RouteEntry[] = [];
  for (const [index, each] of (value as unknown[]).entries()) {
    const before = issues.length;
    const entry = readEntry(each, index, issues);
    if (issues.length > before) continue;
    const same = entries.findIndex((other) => isSamePlace(other, entry));
    if (same >= 0) issues.push({ path: [index], what: `for the same requests as route ${same}` });
    entries.push(entry);
  }
  return entries;
}

function readEntry(value: unknown, index: number, issues: Issue[]): RouteEntry {
  const fields = (typeof value === 'object' ? value : undefined) as
    | Record<string, unknown>
    | undefined
    | null;
  if (fields === undefined || fields === null || Array.isArray(value)) {
    issues.push({
      path: [index],
      what: 'wrong type',
      expected: 'a route: { "program": …, "policy": …, "tenant": … }',
    });
    return {} as RouteEntry;
  }
  for (const key of Object.keys(fields)) checkKey(key, index, issues);
  for (const word of REQUIRED) {
    if (!Object.hasOwn(fields, word)) issues.push({ path: [index], what: `${quote(word)} is missing` });
  }
  const [host, path, program, policy, tenant, level = 'inline'] = WORDS.map((word) =>
    readString(fields, word, index, issues),
  );
  check(host, HOST, [index, 'host'], 'a host without a port, such as "api.example.com"', issues);
  check(path, PATH, [index, 'path'], 'a path, such as "/api"', issues);
  check(level, LEVEL, [index, 'isolation'], ISOLATION_LEVELS.map(quote).join(', '), issues);
  const isolation = isIsolation(level) ? level : 'inline';
  return { host, path, program: program ?? '', policy: policy ?? '', tenant: tenant ?? '', isolation };
}

function checkKey(key: string, index: number, issues: Issue[]): void {
  if ((WORDS as readonly string[]).includes(key)) return;
  const near = suggest(key, WORDS);
  issues.push({
    path: [index, key],
    onKey: true,
    what: `unknown key ${quote(key)}`,
    expected: WORDS.join(', '),
    ...(near === undefined ? {} : { hint: `did you mean ${quote(near)}?` }),
  });
}

function readString(
  fields: Readonly<Record<string, unknown>>,
  word: string,
  index: number,
  issues: Issue[],
): string | undefined {
  const value = Object.hasOwn(fields, word) ? fields[word] : undefined;
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  issues.push({ path: [index, word], what: 'wrong type', expected: 'a string that is not empty' });
  return undefined;
}

function check(
  value: string | undefined,
  pattern: RegExp,
  path: Issue['path'],
  expected: string,
  issues: Issue[],
): void {
  if (value === undefined || pattern.test(value)) return;
  issues.push({ path, what: 'not understood', found: quote(value), expected });
}

function fromDirectory(entry: RouteEntry, directory: string): RouteEntry {
  const { program, policy } = entry;
  const from = (name: string): string => (name.startsWith('/') ? name : join(directory, name));
  return { ...entry, program: from(program), policy: policy.startsWith('preset:') ? policy : from(policy) };
}

function describe(issues: readonly Issue[], source: Source): string {
  return issues.map((issue) => describeIssue(issue, source)).join('\n');
}

function describeIssue(issue: Issue, source: Source): string {
  const { line, column }: Partial<Pick<PolicyProblem, 'line' | 'column'>> = source.locate(issue) ?? {};
  const { what, found, expected, hint } = issue;
  const parts = [what, found && `found ${found}`, expected && `expected ${expected}`].filter(Boolean);
  return `${formatPlace(source.file, line, column)}: ${parts.join(', ')}${hint === undefined ? '' : ` (${hint})`}`;
}
