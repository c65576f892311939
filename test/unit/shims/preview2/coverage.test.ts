import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LOWERINGS } from '../../../../shims/preview2/lowerings.ts';
import { wasiMembers } from '../../../../src/engine/link/recording-imports.ts';
import { testHost } from '../../../support/host.ts';
import { Caller } from './caller.ts';

const WIT = join(import.meta.dirname, '../../../../wit/deps');

/** Every function that the WIT packages declare, as `wasi:io/streams#[method]input-stream.read`. */
async function declared(): Promise<string[]> {
  const functions: string[] = [];
  for (const entry of await readdir(WIT, { withFileTypes: true })) {
    if (!/^wasi-.*-0\.2$/.test(entry.name)) continue;
    const text = await readFile(join(WIT, entry.name, 'package.wit'), 'utf8');
    const namespace = /^package ([^@]+)@/m.exec(text)?.[1] as string;
    let scope = '';
    let resource = '';
    for (const line of text.split('\n')) {
      scope = /^(?:interface|world) ([a-z0-9-]+) \{/.exec(line)?.[1] ?? scope;
      if (line.startsWith('world')) scope = '';
      resource = /^\s+resource ([a-z0-9-]+) \{/.exec(line)?.[1] ?? (/^ {2,4}\}/.test(line) ? '' : resource);
      if (scope === '') continue;
      if (/^\s+constructor\(/.test(line)) functions.push(`${namespace}/${scope}#[constructor]${resource}`);
      const [, name, isStatic] = /^\s+%?([a-z0-9-]+): (static )?func\(/.exec(line) ?? [];
      if (name === undefined) continue;
      const kind = isStatic === undefined ? 'method' : 'static';
      functions.push(`${namespace}/${scope}#${resource === '' ? name : `[${kind}]${resource}.${name}`}`);
    }
  }
  return functions;
}

function camel(text: string): string {
  return text.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

test('every function of the WIT packages has a lowered form, and nothing else has', async () => {
  // What a program exports.
  const wit = (await declared()).filter((name) => !/^wasi:(?:cli\/run|http\/incoming-handler)#/.test(name));
  const ours = [...LOWERINGS].flatMap(([name, functions]) =>
    Object.keys(functions).map((each) => `${name}#${each}`),
  );
  expect(ours.toSorted()).toEqual(wit.toSorted());
});

test('every lowered function has a plain form', () => {
  const caller = new Caller(testHost().host);
  for (const [name, functions] of LOWERINGS) {
    const plain = caller.plain(name) as Record<string, Members>;
    for (const each of Object.keys(functions)) {
      const [, kind, resource = '', member = ''] = /^\[(.*)\]([^.]*)\.?(.*)$/.exec(each) ?? [];
      const owner = kind === undefined ? camel(each) : camel(`-${resource}`);
      const holder = kind === 'method' ? plain[owner]?.['prototype'] : plain[owner];
      const found = member === '' ? plain[owner] : (holder as Members | undefined)?.[camel(member)];
      expect(found, `${name}#${each}`).toBeTypeOf('function');
      expect(Object.hasOwn(found as object, Symbol.for('cabiLower')), `${name}#${each}`).toBe(true);
      expect(wasiMembers(name), each).toContain(owner);
    }
  }
});

type Members = Readonly<Record<string, unknown>>;
