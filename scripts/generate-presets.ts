// Embeds policies/presets/*.jsonc, with their comments, as a module: src/policy reads no files.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeIfChanged } from './write-if-changed.ts';

const ROOT = join(import.meta.dirname, '..');
const PRESETS = join(ROOT, 'policies', 'presets');
const TARGET = join(ROOT, 'src', 'policy', 'presets.generated');

const DECLARATIONS = `/** Policy text by the name of the preset. */
export const PRESET_TEXTS: Readonly<Record<string, string>>;
`;

export async function generatePresets(): Promise<void> {
  const files = (await readdir(PRESETS)).filter((file) => file.endsWith('.jsonc')).toSorted();
  const texts = await Promise.all(files.map((file) => readFile(join(PRESETS, file), 'utf8')));
  const entries = files.map((file, index) => [file.replace(/\.jsonc$/, ''), texts[index]]);
  const code = `export const PRESET_TEXTS = ${JSON.stringify(Object.fromEntries(entries), undefined, 2)};\n`;
  await writeIfChanged(
    `${TARGET}.js`,
    `// Made by scripts/generate-presets.ts from policies/presets.\n${code}`,
  );
  await writeIfChanged(`${TARGET}.d.ts`, DECLARATIONS);
}
