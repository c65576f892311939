// What tsc leaves to do: copy generated modules, remove output whose source is gone, and make the command executable.
import { existsSync } from 'node:fs';
import { chmod, glob, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeIfChanged } from './write-if-changed.ts';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
const COMMAND = join(DIST, 'src', 'cli', 'bin.js');

for await (const file of glob('{src,shims}/**/*.generated.{js,d.ts}', { cwd: ROOT })) {
  await writeIfChanged(join(DIST, file), await readFile(join(ROOT, file)));
}
for await (const file of glob('{src,shims}/**/*.{js,d.ts}', { cwd: DIST })) {
  const source = join(ROOT, file.replace(/(?:\.d\.ts|\.js)$/, '.ts'));
  if (!existsSync(source) && !existsSync(join(ROOT, file))) await rm(join(DIST, file));
}
if (existsSync(COMMAND)) await chmod(COMMAND, 0o755);
