import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LOWERINGS } from '../../../../shims/preview2/lowerings.ts';
import { testHost } from '../../../support/host.ts';
import { Caller } from './caller.ts';

const WIT = join(import.meta.dirname, '../../../../wit/deps');

/** Every function that the WIT packages declare, as `wasi:io/streams#[method]input-stream.read`. */
async function declared(): Promise<string[]> {
  const functions: string[] = [];
  for (const entry of await readdir(WIT, { withFileTypes: true })) {
    if (entry.name.startsWith('wasi-sockets')) continue;
    const text = await readFile(join(WIT, entry.name, 'package.wit'), 'utf8');
    const namespace = /^package ([^@]+)@/m.exec(text)?.[1] as string;
    let scope = '';
    let resource = '';
    for (const line of text.split('\n')) {
      scope = /^(?:interface|world) ([a-z0-9-]+) \{/.exec(line)?.[1] ?? scope;
      if (line.startsWith('world')) scope = '';
      resource = /^\s+resource ([a-z0-9-]+) \{/.exec(line)?.[1] ?? (/^ {2,4}\}/.test(line) ? '' : resource);
      const name = /^\s+%?([a-z0-9-]+): func\(/.exec(line)?.[1];
      if (name === undefined || scope === '') continue;
      functions.push(`${namespace}/${scope}#${resource === '' ? name : `[method]${resource}.${name}`}`);
    }
  }
  return functions;
}

test('every function of the WIT packages has a lowered form, and nothing else has', async () => {
  // wasi:cli/run is what a program exports; the time zone is an unstable feature of the clocks.
  const wit = (await declared()).filter((name) => !/wasi:cli\/run#|wasi:clocks\/timezone#/.test(name));
  const ours = [...LOWERINGS].flatMap(([name, functions]) =>
    Object.keys(functions).map((each) => `${name}#${each}`),
  );
  expect(ours.toSorted()).toEqual(wit.toSorted());
});

test('every lowered function has a plain form', () => {
  const caller = new Caller(testHost().host);
  for (const [name, functions] of LOWERINGS) {
    const plain = caller.plain(name) as Record<string, { prototype: Record<string, unknown> }>;
    for (const each of Object.keys(functions)) {
      const camel = (text: string): string =>
        text.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
      const method = /^\[method\](.*)\.(.*)$/.exec(each);
      const found =
        method === null
          ? plain[camel(each)]
          : plain[camel(`-${method[1]}`)]?.prototype[camel(method[2] as string)];
      expect(found, `${name}#${each}`).toBeTypeOf('function');
      expect((found as Record<symbol, unknown>)[Symbol.for('cabiLower')]).toBeTypeOf('function');
    }
  }
});
