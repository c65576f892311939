import { ErrorCode, type Status } from '../error-code.ts';

/** As Linux has them, in bytes of UTF-8. */
export const MAX_NAME_BYTES = 255;
export const MAX_PATH_BYTES = 4096;

const SLASH = 47;
const DOT = 46;

/** @returns whether `path` is one valid component other than `.` and `..`; allocates nothing. */
export function isPlainName(path: string): boolean {
  return isPlainPart(path, 0, path.length);
}

function isPlainPart(path: string, start: number, end: number): boolean {
  const length = end - start;
  // 85 UTF-16 units are at most 255 bytes; longer names take the exact check of the walk.
  if (length === 0 || length > 85) return false;
  if (
    path.charCodeAt(start) === DOT &&
    (length === 1 || (length === 2 && path.charCodeAt(start + 1) === DOT))
  )
    return false;
  for (let i = start; i < end; i++) {
    const unit = path.charCodeAt(i);
    if (unit === SLASH || unit === 0) return false;
  }
  return true;
}

/**
 * @returns where the last name of `path` starts when all of its components are like {@link isPlainName}, with one slash
 *   between two and none at the ends; -1 otherwise
 */
export function plainLastName(path: string): number {
  let start = 0;
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', start)) {
    if (!isPlainPart(path, start, slash)) return -1;
    start = slash + 1;
  }
  // Longer paths may be longer than MAX_PATH_BYTES.
  return path.length * 3 < MAX_PATH_BYTES && isPlainPart(path, start, path.length) ? start : -1;
}

/** @returns whether `name` is one valid component other than `.` and `..`, of any allowed length. */
export function isName(name: string): boolean {
  if (name.length <= 85) return isPlainName(name);
  return !name.includes('/') && !name.includes('\0') && !exceedsBytes(name, MAX_NAME_BYTES);
}

/** @returns 0, or why no path can be like this one, whatever the file system holds. @param maxBytes of UTF-8 */
export function checkPath(path: string, maxBytes: number): Status {
  if (path.length === 0) return ErrorCode.noEntry;
  if (path.charCodeAt(0) === SLASH) return ErrorCode.notPermitted;
  if (path.includes('\0')) return ErrorCode.invalid;
  return exceedsBytes(path, maxBytes) ? ErrorCode.nameTooLong : 0;
}

/** @returns whether `text` takes more than `limit` bytes of UTF-8. */
export function exceedsBytes(text: string, limit: number): boolean {
  if (text.length > limit) return true;
  // A UTF-16 unit takes at most three bytes (a surrogate pair four for two).
  if (text.length * 3 <= limit) return false;
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else bytes += unit >= 0xd800 && unit < 0xe000 ? 2 : 3;
  }
  return bytes > limit;
}
