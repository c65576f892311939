// Whatever stands for a host, a port, a path or a name in a rule: it is read and has a stable normal form, or there is one
// problem, whose hint is right.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalizePolicy, parseHostPattern, PolicyError } from '../../src/policy/index.ts';
import type { Policy, PolicyProblem } from '../../src/policy/index.ts';

interface Place {
  readonly name: string;
  /** It holds a host beside other things, so that a hint may show the host alone. */
  readonly hasHost: boolean;
  /** A policy with `text` in that place. */
  readonly document: (text: string) => object;
  /** What the place has become. */
  readonly normal: (policy: Policy) => string | undefined;
}

const rules = (section: string, rule: object): object => ({ version: 1, [section]: [rule] });

const PLACES: readonly Place[] = [
  {
    name: 'url',
    hasHost: true,
    document: (url) => rules('http', { methods: ['GET'], url }),
    normal: ({ http }) => http[0]?.url,
  },
  {
    name: 'connect',
    hasHost: true,
    document: (connect) => rules('sockets', { protocol: 'tcp', connect }),
    normal: ({ sockets }) => sockets[0]?.connect,
  },
  {
    name: 'listen',
    hasHost: true,
    document: (listen) => rules('sockets', { protocol: 'udp', listen }),
    normal: ({ sockets }) => sockets[0]?.listen,
  },
  {
    name: 'addresses',
    hasHost: false,
    document: (block) => rules('sockets', { protocol: 'tcp', connect: 'a:1', addresses: [block] }),
    normal: ({ sockets }) => sockets[0]?.addresses?.[0],
  },
  {
    name: 'names',
    hasHost: false,
    document: (name) => rules('dns', { names: [name] }),
    normal: ({ dns }) => dns[0]?.names[0],
  },
];

const piece = fc.constantFrom(
  'https://',
  'http://',
  'a',
  'b.c',
  'db.internal',
  'localhost',
  '*',
  '*.',
  '**',
  '.',
  '..',
  '/',
  '//',
  ':',
  '-',
  '@',
  '?',
  '#',
  '%',
  '%2e',
  '%zz',
  '\\',
  ' ',
  '[',
  ']',
  '[::1]',
  '::1',
  'fd00::/8',
  '[fd00::1/8]',
  '10.0.0.0',
  '/8',
  '/33',
  '10.0.0.1/8',
  '127.1',
  '0x7f',
  '80',
  '0',
  '65536',
  '80-90',
  '90-80',
  'bücher',
  '１',
  '。',
  'xn--',
  '_',
  ';',
  '\u00ad',
  '\ufe0f',
);
const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));

/** @returns the normal form, or the problems */
function read({ document, normal }: Place, value: string): string | readonly PolicyProblem[] | undefined {
  try {
    return normal(normalizePolicy(document(value)));
  } catch (error) {
    if (error instanceof PolicyError) return error.problems;
    throw error;
  }
}

/** What a hint proposes, as a whole value or only the host; a long one is cut. */
function proposal({ hint }: PolicyProblem): string | undefined {
  const quoted = /^did you mean ("(?:[^"\\]|\\.)*")\?$/.exec(hint ?? '')?.[1];
  return quoted === undefined ? undefined : (JSON.parse(quoted) as string);
}

describe.each(PLACES)('$name', (place) => {
  test('is read to a normal form that is read to itself, or has one problem with a hint that is right', () => {
    fc.assert(
      fc.property(text, (value) => {
        const result = read(place, value);
        if (typeof result === 'string') {
          expect(read(place, result)).toBe(result);
          return;
        }
        expect(result).toHaveLength(1);
        const [problem] = result as [PolicyProblem];
        const proposed = proposal(problem);
        if (proposed === undefined) return;
        const isHost = place.hasHost && parseHostPattern(proposed) !== undefined;
        const isRight = isHost || typeof read(place, proposed) === 'string';
        expect(isRight, `${problem.message}: ${proposed}`).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
