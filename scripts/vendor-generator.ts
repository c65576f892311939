// Takes jco's generator (component in, JavaScript glue and core modules out) into vendor/jco, without the rest of
// jco-transpile: that package also brings binaryen (93 MB) and a minifier, which we never call at run time.
//
// The generator is itself a WASI 0.2 component with glue that jco made for it. That glue imports preview2-shim, which would
// give the generator the whole machine. So the copy is turned into a factory that takes its WASI host as an argument:
// src/engine/generator-wasi.ts hands in one without any authority, and a fresh instance can replace a trapped one.
//
// The folder is at the top level, not in dist, so that the package's import map (#jco/bindgen in package.json) points at the
// same files when sources run straight from src and when the published package runs from dist.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { writeIfChanged } from './write-if-changed.ts';

const COMPONENT = 'js-component-bindgen-component';
const WASM_FILES = [`${COMPONENT}.core.wasm`, `${COMPONENT}.core2.wasm`] as const;

/** What was reviewed. Another version means reading the diff of its glue, then changing these lines. */
const REVIEWED_VERSION = '0.15.0';
const REVIEWED_SHA256: Readonly<Record<string, string>> = {
  'js-component-bindgen-component.js': '183231d04c7d78344f626c31565829e048a3efd960a210554694fb821f5c92c5',
  'js-component-bindgen-component.core.wasm':
    'aa0681475ab02fa5a9ad05aa1ce5e700f9f8da0a9986b973c968545ad4816fa2',
  'js-component-bindgen-component.core2.wasm':
    '280fbf3d86c902fbf15419b9f95cf92b50778514d50bc0c06c11d3ae012296f6',
};

/** Every edit that is made to jco's glue; each text must occur exactly once. */
const EDITS: readonly (readonly [found: string, replacement: string])[] = [
  [
    `"use components";
import { environment, exit as exit$1, stderr, stdin, stdout, terminalInput, terminalOutput, terminalStderr, terminalStdin, terminalStdout } from '@bytecodealliance/preview2-shim/cli';
import { preopens, types } from '@bytecodealliance/preview2-shim/filesystem';
import { error, streams } from '@bytecodealliance/preview2-shim/io';
import { random } from '@bytecodealliance/preview2-shim/random';
`,
    `export function createBindgen(wasi) {
const { environment, exit: exit$1, stderr, stdin, stdout, terminalInput, terminalOutput, terminalStderr, terminalStdin, terminalStdout } = wasi.cli;
const { preopens, types } = wasi.filesystem;
const { error, streams } = wasi.io;
const { random } = wasi.random;
`,
  ],
  ['export const $init = (() => {', 'const $init = (() => {'],
  [
    'export { generate, generateTypes, unpackWit,  }\nexport const _util = {\n  \n}\n',
    'return { $init, generate };\n}\n',
  ],
];

const DECLARATIONS = `import type { GenerateOptions, Transpiled } from './${COMPONENT}.js';
export type { GenerateOptions, Transpiled } from './${COMPONENT}.js';

export interface Bindgen {
  /** Settles when the core modules are instantiated; nothing may be called before. */
  readonly $init: Promise<void>;
  /** Throws an error with a string \`payload\` for a component that it refuses; any other throw is a trap. */
  generate(component: Uint8Array, options: GenerateOptions): Transpiled;
}

export function createBindgen(wasi: object): Bindgen;
`;

export async function vendorGenerator(): Promise<void> {
  const source = dirname(dirname(createRequire(import.meta.url).resolve('@bytecodealliance/jco-transpile')));
  const vendored = join(source, 'vendor');
  const target = join(import.meta.dirname, '..', 'vendor', 'jco');
  await checkVersion(join(source, 'package.json'));

  const glue = await readReviewed(vendored, `${COMPONENT}.js`);
  const declarations = await readFile(join(vendored, `${COMPONENT}.d.ts`), 'utf8');
  await writeIfChanged(join(target, 'bindgen.js'), editGlue(glue.toString('utf8')));
  await writeIfChanged(join(target, 'bindgen.d.ts'), DECLARATIONS);
  await writeIfChanged(join(target, `${COMPONENT}.d.ts`), withoutWasiTypes(declarations));
  await writeIfChanged(join(target, 'LICENSE'), await readFile(join(source, 'LICENSE')));
  for (const file of WASM_FILES) await writeIfChanged(join(target, file), await readReviewed(vendored, file));
}

async function checkVersion(packageFile: string): Promise<void> {
  const { version } = JSON.parse(await readFile(packageFile, 'utf8')) as { version: string };
  if (version === REVIEWED_VERSION) return;
  throw new Error(
    `jco-transpile is ${version}, but the generator was reviewed at ${REVIEWED_VERSION}: ` +
      'compare its vendor folder with that version, then update scripts/vendor-generator.ts and NOTICE',
  );
}

async function readReviewed(folder: string, file: string): Promise<Buffer> {
  const bytes = await readFile(join(folder, file));
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === REVIEWED_SHA256[file]) return bytes;
  throw new Error(`${file} of jco-transpile ${REVIEWED_VERSION} is not what was reviewed: SHA-256 ${found}`);
}

/** Exported for its test. */
export function editGlue(glue: string): string {
  const header =
    `// From @bytecodealliance/jco-transpile ${REVIEWED_VERSION}, vendor/${COMPONENT}.js, Apache-2.0 WITH LLVM-exception (LICENSE beside\n` +
    '// this file). Changed for Bailiwick: wrapped in a factory that takes the WASI host as its argument, and nothing else.\n';
  let text = glue;
  for (const [found, replacement] of EDITS) {
    const parts = text.split(found);
    if (parts.length !== 2) {
      throw new Error(
        `jco's glue changed: expected once, found ${parts.length - 1} times: ${found.slice(0, 60)}`,
      );
    }
    text = parts.join(replacement);
  }
  if (/^(?:import|export)\b/m.test(text.replace('export function createBindgen', 'function createBindgen'))) {
    throw new Error("jco's glue changed: it has an import or export that is not accounted for");
  }
  return header + text;
}

/** The types of the WASI interfaces that the generator imports are of no use to its callers. */
function withoutWasiTypes(declarations: string): string {
  return declarations.replace(/^export type \* as .*\n/gm, '').replace(/^export const \$init.*\n/m, '');
}
