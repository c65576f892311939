import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

test('the policy functions run in a browser: no node:*, no require, no machine', async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(import.meta.dirname, '..', '..', '..', 'src', 'policy', 'index.ts')],
    bundle: true,
    write: false,
    metafile: true,
    format: 'iife',
    globalName: 'policy',
    platform: 'browser',
  });
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  expect(imports.filter(({ path, external }) => external === true || path.startsWith('node:'))).toEqual([]);
  // What a browser has of what is used; no process, no Buffer, no require.
  const sandbox: { policy?: { parsePolicy(text: string): unknown } } = {};
  const code = `var TextEncoder = function () { this.encode = (text) => ({ length: unescape(encodeURIComponent(text)).length }); };
    ${outputFiles[0]?.text ?? ''}; result = policy.printPolicy(policy.parsePolicy('{ "version": 1, "arguments": true, }'))`;
  expect(JSON.parse(runInNewContext(code, sandbox) as string)).toMatchObject({ arguments: true });
});
