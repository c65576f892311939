import { cp, mkdtempDisposable, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { componentEmbed, componentNew, print } from '@bytecodealliance/jco-transpile/wasm-tools';
import { _addPreopen } from '@bytecodealliance/preview2-shim/filesystem';
import { expect, test } from 'vitest';
import { typeText } from '../../../shims/canonical-abi/type-text.ts';
import { SIGNATURES } from '../../../shims/preview3/signatures.ts';
import { importedFunctions } from './wat-types.ts';

const DEPS = join(import.meta.dirname, '../../../wit/deps');

/** @returns a component that imports everything of WASI 0.3, what is unstable too, as text */
async function componentText(folder: string): Promise<string> {
  await cp(DEPS, join(folder, 'deps'), { recursive: true });
  for (const name of (await readdir(join(folder, 'deps'))).filter((name) => name.endsWith('-0.3'))) {
    const file = join(folder, 'deps', name, 'package.wit');
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll(/@unstable\([^)]*\)/g, ''));
  }
  const imports = [...SIGNATURES.keys()].map((path) => `import ${path}@0.3.0;`);
  await writeFile(join(folder, 'all.wit'), `package a:b;\nworld all { ${imports.join(' ')} }`);
  const embedded = await componentEmbed({ witPath: folder, world: 'all', dummy: true });
  return print(await componentNew(embedded, []));
}

test('every function of WASI 0.3 has the type that the tools give it in a component', async () => {
  // The tools are a WASI program, and their host starts without directories.
  // The published types are those for browsers, where a preopen is no path.
  _addPreopen('/', '/' as unknown as Parameters<typeof _addPreopen>[1]);
  await using folder = await mkdtempDisposable(join(tmpdir(), 'bailiwick-wit-'));
  const inComponent = [...importedFunctions(await componentText(folder.path))].map(
    ([name, type]) => [name, typeText(type)] as const,
  );
  const ours = [...SIGNATURES].flatMap(([path, functions]) =>
    [...functions].map(([name, text]) => [`${path}#${name}`, text] as const),
  );
  expect(ours.length).toBeGreaterThan(120);
  expect(new Map(inComponent)).toEqual(new Map(ours));
});
