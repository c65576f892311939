import { normalPattern } from '../patterns.ts';

/** Components of one pattern; more would only make matching slow. */
const MAX_COMPONENTS = 64;

/** By octet, its normal form (RFC 3986, 6.2.2): as it is when it is unreserved (2.3), else encoded with upper-case digits. */
const OCTETS: readonly string[] = Array.from({ length: 256 }, (_, octet) => {
  const character = String.fromCharCode(octet);
  const digits = octet.toString(16).toUpperCase().padStart(2, '0');
  return /^[A-Za-z0-9._~-]$/.test(character) ? character : `%${digits}`;
});

/** What a path can have (RFC 3986, 3.3). */
const ENCODED = /^[A-Za-z0-9._~!$&'()*+,;=:@/-]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9._~!$&'()*+,;=:@/-]*)*$/;

/** What it cannot have as it is. */
const NOT_OF_A_PATH = /[^A-Za-z0-9._~!$&'()*+,;=:@/%-]+/gu;

/**
 * The normal form of the path of a request, by which paths compare: percent-encoded where it has to be, and only there, with
 * upper-case digits; without dot segments, however they were written. An encoded slash or backslash stays what it is, and so
 * do empty components.
 *
 * A server gets this form, too: if it got another, it might resolve what was never matched.
 *
 * @param path without query and fragment
 * @returns undefined for what servers disagree about: a path that does not begin with a slash, `%` without two digits, a
 *   backslash, white space, control characters, half of a surrogate pair, and dot segments with parameters (`..;`)
 */
export function normalizePath(path: string): string | undefined {
  const encoded = normalizeEncoding(path);
  if (encoded === undefined || !path.startsWith('/')) return undefined;
  return encoded.includes('/.') ? removeDotSegments(encoded) : encoded;
}

/**
 * Encodes what a URL cannot have as it is, decodes what need not be encoded.
 *
 * @returns undefined where it would be a guess what is meant
 */
function normalizeEncoding(text: string): string | undefined {
  const encoded = ENCODED.test(text) ? text : encodeOthers(text);
  return encoded?.includes('%') === true ? encoded.replaceAll(/%[0-9A-Fa-f]{2}/g, normalizeOctet) : encoded;
}

function encodeOthers(text: string): string | undefined {
  if (/[\0-\x20\x7f\\?#]|%(?![0-9A-Fa-f]{2})/.test(text) || !text.isWellFormed()) return undefined;
  return text.replaceAll(NOT_OF_A_PATH, encodeURIComponent);
}

/**
 * Reads the path of a URL in a rule: `*` stands for any run of characters of one component, `**`, as a whole component, for
 * any number of components.
 *
 * @returns its normal form; undefined when it is none
 */
export function parsePathPattern(text: string): string | undefined {
  if (!text.startsWith('/')) return undefined;
  const encoded = normalizeEncoding(text);
  if (encoded === undefined) return undefined;
  const components = encoded.slice(1).split('/');
  if (components.length > MAX_COMPONENTS) return undefined;
  const isFaulty = components.some(
    (component) => isDotSegment(component) || (component !== '**' && component.includes('**')),
  );
  return isFaulty ? undefined : `/${normalPattern(components.join('/'))}`;
}

function normalizeOctet(encoded: string): string {
  return OCTETS[Number.parseInt(encoded.slice(1), 16)] as string;
}

/** RFC 3986, 5.2.4, on a path whose dots are decoded. */
function removeDotSegments(path: string): string | undefined {
  const kept: string[] = [];
  const components = path.slice(1).split('/');
  for (const [index, component] of components.entries()) {
    if (component !== '.' && component !== '..') {
      // Some servers drop the parameters of a component before they look for dot segments: "Breaking Parser Logic", 2018.
      if (isDotSegment(component)) return undefined;
      kept.push(component);
      continue;
    }
    if (component === '..') kept.pop();
    if (index === components.length - 1) kept.push('');
  }
  return `/${kept.join('/')}`;
}

/** @param component also one with parameters, such as `..;a=b` */
function isDotSegment(component: string): boolean {
  return /^\.{1,2}(?:;|%3B|$)/.test(component);
}
