import { bareObject } from './bare.ts';
import type { Path, Report } from './source.ts';
import { quote } from './text.ts';
import type { FileContent } from './types.ts';
import { isObject } from './values.ts';

/** Reads the `files` that a memory volume starts with: what is where, by path from the mount. */
export function readFiles(
  files: unknown,
  path: Path,
  report: Report,
): Readonly<Record<string, FileContent>> | undefined {
  if (!isObject(files)) return undefined;
  const read = bareObject() as Record<string, FileContent>;
  for (const [name, content] of Object.entries(files)) {
    const fault = nameFault(name);
    if (fault !== undefined) {
      report({ path: [...path, name], onKey: true, what: 'wrong path', found: quote(name), expected: fault });
      continue;
    }
    if (isObject(content)) checkTarget(content['symlink'], [...path, name, 'symlink'], report);
    read[name] = isObject(content)
      ? Object.freeze({ ...content } as FileContent & object)
      : (content as FileContent);
  }
  checkTree(read, path, report);
  return Object.freeze(withoutPassed(read));
}

/** Absolute ones would lead a guest nowhere: links are followed inside the mount alone. */
function checkTarget(target: unknown, path: Path, report: Report): void {
  if (typeof target !== 'string') return;
  const expected = target.startsWith('/') ? 'a relative path' : undefined;
  if (expected === undefined && !target.includes('\0')) return;
  const found = quote(target);
  report({ path, what: 'wrong target', found, expected: expected ?? 'a path without NUL' });
}

/** A directory that is on the way to something is there without being named. */
function withoutPassed(files: Record<string, FileContent>): Record<string, FileContent> {
  for (const name of Object.keys(files)) {
    for (let end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1)) {
      const above = name.slice(0, end);
      if (files[above] === null) delete files[above];
    }
  }
  return files;
}

const MAX_DEPTH = 128;

function nameFault(name: string): string | undefined {
  if (name.startsWith('/')) return 'a path relative to the mount';
  const names = name.split('/');
  if (names.includes('')) return 'a path without empty components';
  if (names.includes('.') || names.includes('..')) return 'a path without `.` and `..`';
  return names.length > MAX_DEPTH ? `a path of at most ${MAX_DEPTH} components` : undefined;
}

/** Nothing lies below a file. */
function checkTree(files: Readonly<Record<string, FileContent>>, path: Path, report: Report): void {
  for (const name of Object.keys(files)) {
    for (let end = name.indexOf('/'); end > 0; end = name.indexOf('/', end + 1)) {
      const above = name.slice(0, end);
      if (!Object.hasOwn(files, above) || files[above] === null) continue;
      const found = quote(name);
      report({ path: [...path, name], onKey: true, what: `a path below the file ${quote(above)}`, found });
      break;
    }
  }
}
