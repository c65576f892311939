/** Every function of WASI 0.3 is called by a guest of ours, or listed here with the reason why none does. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SIGNATURES } from '../../shims/preview3/signatures.ts';
import { decodeComponent } from '../../src/engine/component/decode.ts';
import { p3Guest, p3LibcGuest } from './p3.ts';

/** Interfaces some of whose functions no guest of ours calls, and why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'wasi:cli/run': 'guests export it',
  'wasi:http/handler': 'guests export it',
};

/** Guests that a test runs, each with what it is built with. */
const LIBC_GUESTS = ['filesystem', 'clocks', 'process', 'random', 'stdio'];

/** C by hand in test/guests/p3; headers and the libc's base apart. */
const BARE_GUESTS = readdirSync(join(import.meta.dirname, 'p3'))
  .filter((name) => name.endsWith('.c') && name !== 'preview1.c')
  .map((name) => name.slice(0, -'.c'.length));

/** @returns the functions that a component imports, as `wasi:package/interface function` */
function importsOf(component: Uint8Array): string[] {
  return decodeComponent(component).root.imports.flatMap(({ name, shape }) => {
    if (shape.sort !== 'instance') return [];
    const functions = [...shape.shape.exports].filter(([, { sort }]) => sort === 'func');
    return functions.map(([each]) => `${name.replace(/@.*/, '')} ${each}`);
  });
}

it('no function is forgotten', async () => {
  const components = [
    ...(await Promise.all(LIBC_GUESTS.map((name) => p3LibcGuest(name)))),
    ...(await Promise.all(BARE_GUESTS.map((name) => p3Guest(name)))),
  ];
  const called = new Set(components.flatMap(importsOf));
  const missing = functions().filter((name) => !called.has(name));
  expect(missing.filter((name) => !((name.split(' ')[0] as string) in ELSEWHERE))).toEqual([]);
  // An interface whose functions are all called has no place in the list.
  const needed = new Set(missing.map((name) => name.split(' ')[0]));
  expect(Object.keys(ELSEWHERE).filter((name) => !needed.has(name))).toEqual([]);
}, 240_000);

it('every guest by hand is run by a test', () => {
  const root = join(import.meta.dirname, '..');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const texts = files.map((name) => readFileSync(join(root, name), 'utf8')).join('\n');
  expect(BARE_GUESTS.filter((name) => !texts.includes(`'${name}'`))).toEqual([]);
});

function functions(): string[] {
  return [...SIGNATURES].flatMap(([from, all]) => [...all.keys()].map((name) => `${from} ${name}`));
}
