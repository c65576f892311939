// node scripts/generate-wit-types.ts: writes shims/preview3/wit.ts, and signatures.ts for WASI 0.2 and 0.3, from the packages in wit/deps.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format } from 'oxfmt';
import { readWit } from './wit/reader.ts';
import { Resolver } from './wit/resolver.ts';
import { writeSignatures } from './wit/signatures.ts';
import { TypeNames } from './wit/type-names.ts';
import { TypeScriptWriter } from './wit/typescript.ts';
import { writeIfChanged } from './write-if-changed.ts';
import type { FormatConfig } from 'oxfmt';

const ROOT = join(import.meta.dirname, '..');
const PACKAGES = join(ROOT, 'wit', 'deps');

const ORIGIN = '// Made by scripts/generate-wit-types.ts from the packages of WASI 0.3.0 in wit/deps.\n';

const TYPES_HEAD = `${ORIGIN}
import type { FutureSource, Result, StreamSource } from '../canonical-abi/values.ts';

`;

const SIGNATURES_HEAD = `${ORIGIN}\n`;

const SIGNATURES_HEAD_2 =
  '// Made by scripts/generate-wit-types.ts from the packages of WASI 0.2 in wit/deps.\n\n';

/** @returns content by path below the root of the repository */
export async function generateWitTypes(): Promise<ReadonlyMap<string, string>> {
  const resolver = new Resolver(await readPackages('0.3'));
  const names = new TypeNames(resolver);
  const writer = new TypeScriptWriter(resolver, names);
  const types = [...resolver.interfaces.values()].map((scope) => writer.interface(scope));
  const resolver2 = new Resolver(await readPackages('0.2'));
  const signatures2 = writeSignatures(resolver2, new TypeNames(resolver2));
  const files: readonly (readonly [string, string])[] = [
    ['shims/preview3/wit.ts', TYPES_HEAD + types.filter((text) => text !== '').join('\n\n')],
    ['shims/preview3/signatures.ts', SIGNATURES_HEAD + writeSignatures(resolver, names)],
    ['shims/preview2/signatures.ts', SIGNATURES_HEAD_2 + signatures2],
  ];
  return new Map(await Promise.all(files.map(formatted)));
}

async function readPackages(version: '0.2' | '0.3'): Promise<ReturnType<typeof readWit>[]> {
  const folders = (await readdir(PACKAGES)).filter((folder) => folder.endsWith(`-${version}`)).toSorted();
  return Promise.all(
    folders.map(async (folder) => readWit(await readFile(join(PACKAGES, folder, 'package.wit'), 'utf8'))),
  );
}

async function formatted([path, text]: readonly [string, string]): Promise<[string, string]> {
  const options = JSON.parse(await readFile(join(ROOT, '.oxfmtrc.json'), 'utf8')) as FormatConfig;
  const { code, errors } = await format(path, text, options);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  return [path, code];
}

if (import.meta.main)
  for (const [path, code] of await generateWitTypes()) await writeIfChanged(join(ROOT, path), code);
