import { CONNECTION_FIELDS } from './connection-fields.ts';
import type { Fault } from './faults.ts';
import type { Path, Report } from './source.ts';
import { quote } from './text.ts';
import type { HeaderFilter, HttpRule } from './types.ts';
import { asString, compact, isObject } from './values.ts';

/** Where these came from a policy, a request would say something of its body that the body does not keep. */
const OF_THE_BODY: readonly string[] = ['content-length', 'expect', 'te', 'trailer'];

const NEVER_INJECTED: ReadonlySet<string> = new Set([...CONNECTION_FIELDS, ...OF_THE_BODY]);
const NEVER_SENT: ReadonlySet<string> = new Set([...CONNECTION_FIELDS, 'content-length']);
const NEVER_SEEN: ReadonlySet<string> = new Set(CONNECTION_FIELDS);

const NAME = /^[a-z0-9!#$%&'*+.^_`|~-]{1,64}$/;

type Headers = NonNullable<HttpRule['headers']>;

/** Reads `headers` of an http rule. @returns undefined when there are none */
export function readHeaders(headers: unknown, path: Path, report: Report): Headers | undefined {
  if (!isObject(headers)) return undefined;
  const read = Object.create(null) as Record<string, Headers[string]>;
  for (const name of Object.keys(headers).toSorted()) {
    const fault = injectedFault(name);
    const at = [...path, name];
    if (fault !== undefined)
      report({ path: at, onKey: true, what: 'wrong header', found: quote(name), ...fault });
    const header = headers[name];
    if (!isObject(header)) continue;
    const format = readFormat(header['format'], [...at, 'format'], report);
    read[name] = compact<Headers[string]>({ secret: asString(header['secret']) ?? '', format });
  }
  return Object.keys(headers).length === 0 ? undefined : Object.freeze(read);
}

function injectedFault(name: string): Fault | undefined {
  const lower = name.toLowerCase();
  if (NEVER_INJECTED.has(lower))
    return { expected: 'a header that is not about the connection or the length of the body' };
  if (NAME.test(name) || !NAME.test(lower)) return undefined;
  return { expected: 'a lower-case header name', hint: `did you mean ${quote(lower)}?` };
}

/** @returns undefined for what holds without it */
function readFormat(format: unknown, path: Path, report: Report): string | undefined {
  if (typeof format !== 'string') return undefined;
  const places = format.split('{}').length - 1;
  if (places !== 1) {
    const hint = places === 0 ? `did you mean ${quote(`${format.trimEnd()} {}`.trimStart())}?` : undefined;
    const expected = '`{}` exactly once, where the secret stands';
    report({
      path,
      what: 'wrong format',
      found: quote(format),
      expected,
      ...(hint === undefined ? {} : { hint }),
    });
  } else if (format.trim() !== format) {
    const hint = `did you mean ${quote(format.trim())}?`;
    report({
      path,
      what: 'wrong format',
      found: quote(format),
      expected: 'no space at its beginning and end',
      hint,
    });
  }
  return format === '{}' ? undefined : format;
}

/**
 * Reads `requestHeaders` of an http rule.
 *
 * @param injected names of the fields that the rule adds itself
 * @returns undefined when it leaves nothing out
 */
export function readRequestFilter(
  filter: unknown,
  path: Path,
  injected: readonly string[],
  report: Report,
): HeaderFilter | undefined {
  const own = new Set(injected);
  return readFilter(filter, path, report, (name) => {
    if (own.has(name)) return { expected: 'a header that the program sends', hint: 'it is one of `headers`' };
    return NEVER_SENT.has(name)
      ? { expected: 'a header that a program may send', hint: OF_THE_HOST }
      : undefined;
  });
}

/** Reads `responseHeaders` of an http rule. @returns undefined when it leaves nothing out */
export function readResponseFilter(filter: unknown, path: Path, report: Report): HeaderFilter | undefined {
  return readFilter(filter, path, report, (name) =>
    NEVER_SEEN.has(name) ? { expected: 'a header that a program may see', hint: OF_THE_HOST } : undefined,
  );
}

const OF_THE_HOST = 'the host keeps it to itself, whatever stands here';

function readFilter(
  filter: unknown,
  path: Path,
  report: Report,
  faultOf: (name: string) => Fault | undefined,
): HeaderFilter | undefined {
  if (!isObject(filter)) return undefined;
  const read = (word: 'allow' | 'deny'): readonly string[] | undefined =>
    readPatterns(filter[word], [...path, word], report, faultOf);
  const allow = read('allow');
  const deny = read('deny');
  return allow?.[0] === '*' ? undefined : compact<HeaderFilter>({ allow, deny });
}

function readPatterns(
  patterns: unknown,
  path: Path,
  report: Report,
  faultOf: (name: string) => Fault | undefined,
): readonly string[] | undefined {
  if (!Array.isArray(patterns)) return undefined;
  const read = new Set<string>();
  patterns.forEach((pattern: unknown, index) => {
    if (typeof pattern !== 'string') return;
    const fault = patternFault(pattern) ?? faultOf(pattern);
    if (fault === undefined) read.add(pattern);
    else report({ path: [...path, index], what: 'wrong header name', found: quote(pattern), ...fault });
  });
  return Object.freeze(read.has('*') ? ['*'] : [...read].toSorted());
}

function patternFault(pattern: string): Fault | undefined {
  const star = pattern.indexOf('*');
  if (star !== -1 && star < pattern.length - 1) return { expected: '`*` only at the end' };
  const lower = pattern.toLowerCase();
  if (lower === pattern || !NAME.test(lower)) return undefined;
  return { expected: 'a lower-case header name', hint: `did you mean ${quote(lower)}?` };
}
