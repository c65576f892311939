import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { GLUE_ONLY } from '../../../../shims/preview2/glue-only.ts';
import { LOWERINGS } from '../../../../shims/preview2/lowerings.ts';
import { wasiMembers } from '../../../../src/engine/link/recording-imports.ts';
import { testHost } from '../../../support/host.ts';
import { Caller } from './caller.ts';

const WIT = join(import.meta.dirname, '../../../../wit/deps');

/** Of this every request is denied, so nothing in it is hot: it has plain forms only. */
const GLUE_ONLY_PACKAGES = /^wasi-http-/;

/** Every function that some WIT packages declare, as `wasi:io/streams#[method]input-stream.read`. */
async function declared(folders: (name: string) => boolean): Promise<string[]> {
  const functions: string[] = [];
  for (const entry of await readdir(WIT, { withFileTypes: true })) {
    if (!folders(entry.name)) continue;
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
  const wit = (await declared((name) => !GLUE_ONLY_PACKAGES.test(name))).filter(
    (name) => !name.startsWith('wasi:cli/run#'),
  );
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

test('every function of wasi:http has a plain form, and counts as provided', async () => {
  const wit = (await declared((name) => GLUE_ONLY_PACKAGES.test(name))).filter(
    // What a program exports.
    (name) => !name.startsWith('wasi:http/incoming-handler#'),
  );
  expect(wit.length).toBeGreaterThan(50);
  const caller = new Caller(testHost().host);
  for (const each of wit) {
    const [interfaceName, name] = each.split('#') as [string, string];
    const plain = caller.plain(interfaceName) as Record<string, Record<string, unknown>>;
    const [, kind, resource = '', member = ''] = /^\[(.*)\]([^.]*)\.?(.*)$/.exec(name) ?? [];
    const owner = kind === undefined ? camel(name) : camel(`-${resource}`);
    const holder =
      kind === 'method' ? (plain[owner]?.['prototype'] as Record<string, unknown>) : plain[owner];
    const found = kind === 'method' || kind === 'static' ? holder?.[camel(member)] : plain[owner];
    expect(found, each).toBeTypeOf('function');
    expect(wasiMembers(interfaceName), each).toContain(owner);
  }
});

test('the package has lowered forms only where lists of lists come out of a guest', () => {
  const lowered = [...GLUE_ONLY].flatMap(([, { lowerings }]) => Object.keys(lowerings));
  expect(lowered).toEqual(['[static]fields.from-list', '[method]fields.set']);
});
