import { cp, mkdtempDisposable, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { componentEmbed, componentNew } from '@bytecodealliance/jco-transpile/wasm-tools';
import { _addPreopen } from '@bytecodealliance/preview2-shim/filesystem';
import { expect, test } from 'vitest';
import { typeText } from '../../../shims/canonical-abi/type-text.ts';
import { SIGNATURES } from '../../../shims/preview3/signatures.ts';
import { decodeComponent } from '../../../src/engine/component/decode.ts';
import type { ExternShape } from '../../../src/engine/component/definition.ts';

const DEPS = join(import.meta.dirname, '../../../wit/deps');

/** @returns a component that imports everything of WASI 0.3, what is unstable too */
async function everything(folder: string): Promise<Uint8Array> {
  await cp(DEPS, join(folder, 'deps'), { recursive: true });
  for (const name of (await readdir(join(folder, 'deps'))).filter((name) => name.endsWith('-0.3'))) {
    const file = join(folder, 'deps', name, 'package.wit');
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll(/@unstable\([^)]*\)/g, ''));
  }
  const imports = [...SIGNATURES.keys()].map((path) => `import ${path}@0.3.0;`);
  await writeFile(join(folder, 'all.wit'), `package a:b;\nworld all { ${imports.join(' ')} }`);
  const embedded = await componentEmbed({ witPath: folder, world: 'all', dummy: true });
  return componentNew(embedded, []);
}

function functionsOf(path: string, shape: ExternShape): (readonly [string, string])[] {
  if (shape.sort !== 'instance') throw new Error(`${path} is no interface`);
  return [...shape.shape.exports].flatMap(([name, item]) =>
    item.sort === 'func' ? [[`${path}#${name}`, typeText(item.type)] as const] : [],
  );
}

test('every function of WASI 0.3 has the type that the tools give it in a component', async () => {
  // The tools are a WASI program, and their host starts without directories.
  // The published types are those for browsers, where a preopen is no path.
  _addPreopen('/', '/' as unknown as Parameters<typeof _addPreopen>[1]);
  await using folder = await mkdtempDisposable(join(tmpdir(), 'bailiwick-wit-'));
  const { root } = decodeComponent(await everything(folder.path));
  const inComponent = root.imports.flatMap(({ name, shape }) => functionsOf(name.replace(/@.*/, ''), shape));
  const ours = [...SIGNATURES].flatMap(([path, functions]) =>
    [...functions].map(([name, text]) => [`${path}#${name}`, text] as const),
  );
  expect(ours.length).toBeGreaterThan(120);
  expect(new Map(inComponent)).toEqual(new Map(ours));
});
