import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Replaces a file in one step, and only when its content differs: a build may run while tests read what the last one made,
 * and an untouched file keeps its time stamp for incremental tools.
 */
export async function writeIfChanged(file: string, content: string | Uint8Array): Promise<void> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const before = await readFile(file).catch(() => undefined);
  if (before?.equals(bytes)) return;
  const temporary = `${file}.${process.pid}.tmp`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(temporary, bytes);
  await rename(temporary, file);
}
