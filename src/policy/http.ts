import { formatUrlPattern } from './address/url-pattern.ts';
import { readHttpBudget } from './budgets.ts';
import { readAddresses } from './cidr-blocks.ts';
import { readHeaders, readRequestFilter, readResponseFilter } from './http-headers.ts';
import { readId, readRules } from './rules.ts';
import type { UnnamedRules } from './rules.ts';
import type { Fault } from './faults.ts';
import type { Path, Report } from './source.ts';
import { quote } from './text.ts';
import { readDuration } from './times.ts';
import type { HttpRuleTimeouts } from './types.ts';
import { readUrl } from './urls.ts';
import { asString, compact, isObject } from './values.ts';
import type { JsonObject } from './values.ts';

export function readHttp(section: unknown, report: Report): readonly UnnamedRules['http'][] | undefined {
  return readRules(section, 'http', report, readRule);
}

function readRule(rule: JsonObject, path: Path, report: Report): UnnamedRules['http'] {
  const at = (key: string): Path => [...path, key];
  const url = readUrl(rule['url'], at('url'), report);
  const headers = readHeaders(rule['headers'], at('headers'), report);
  const injected = Object.keys(headers ?? {});
  return compact<UnnamedRules['http']>({
    id: readId(rule['id'], path, report),
    description: asString(rule['description']),
    methods: readMethods(rule['methods'], at('methods'), report),
    url: url === undefined ? '' : formatUrlPattern(url),
    addresses: readAddresses(rule['addresses'], path, url?.host, report),
    headers,
    requestHeaders: readRequestFilter(rule['requestHeaders'], at('requestHeaders'), injected, report),
    responseHeaders: readResponseFilter(rule['responseHeaders'], at('responseHeaders'), report),
    timeouts: readTimeouts(rule['timeouts'], at('timeouts'), report),
    budget: readHttpBudget(rule['budget'], at('budget'), report),
  });
}

function readMethods(methods: unknown, path: Path, report: Report): readonly string[] {
  if (!Array.isArray(methods)) return [];
  const read = new Set<string>();
  methods.forEach((method: unknown, index) => {
    if (typeof method !== 'string') return;
    const fault = methodFault(method);
    if (fault === undefined) read.add(method);
    else report({ path: [...path, index], what: 'wrong method', found: quote(method), ...fault });
  });
  return Object.freeze([...read].toSorted());
}

function methodFault(method: string): Fault | undefined {
  const expected = 'an HTTP method, upper-case';
  if (method === '*') return { expected, hint: 'name the methods: no word stands for all of them' };
  const upper = method.toUpperCase();
  if (upper === 'CONNECT')
    return { expected: 'a method other than CONNECT', hint: 'connections are what `sockets` rules are for' };
  return upper === method || !/^[A-Z-]+$/.test(upper)
    ? undefined
    : { expected, hint: `did you mean "${upper}"?` };
}

function readTimeouts(timeouts: unknown, path: Path, report: Report): HttpRuleTimeouts | undefined {
  if (!isObject(timeouts)) return undefined;
  const read = (word: keyof HttpRuleTimeouts): string | undefined =>
    readDuration(timeouts[word], [...path, word], report);
  return compact<HttpRuleTimeouts>({
    connect: read('connect'),
    firstByte: read('firstByte'),
    betweenBytes: read('betweenBytes'),
    total: read('total'),
  });
}
