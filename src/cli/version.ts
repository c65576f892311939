import { readFileSync } from 'node:fs';

/** @returns the version in package.json, which lies beside `src` as well as beside `dist/src`. */
export function version(): string {
  for (const path of ['../../package.json', '../../../package.json']) {
    try {
      return (JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { version: string })
        .version;
    } catch {
      // Sources and the build lie at different depths.
    }
  }
  return 'unknown';
}
