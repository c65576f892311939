import { parseBytes } from './bytes.ts';
import type { Path, Report } from './source.ts';
import type { FilesystemBudget, FilesystemQuota } from './types.ts';
import { asInteger, asString, compact, isObject, readUnit } from './values.ts';

/** Reads a `quota` of a filesystem rule or of `limits.filesystem`. */
export function readQuota(quota: unknown, path: Path, report: Report): FilesystemQuota | undefined {
  if (!isObject(quota)) return undefined;
  return compact<FilesystemQuota>({
    bytes: readUnit(quota['bytes'], [...path, 'bytes'], report, parseBytes),
    files: asInteger(quota['files']),
    directories: asInteger(quota['directories']),
    depth: asInteger(quota['depth']),
    nameLength: asInteger(quota['nameLength']),
    pathLength: asInteger(quota['pathLength']),
    descriptors: asInteger(quota['descriptors']),
  });
}

/** Reads a `budget` of a filesystem rule or of `limits.filesystem`. */
export function readBudget(budget: unknown, path: Path, report: Report): FilesystemBudget | undefined {
  if (!isObject(budget)) return undefined;
  const operations = budget['operations'];
  return compact<FilesystemBudget>({
    operations: asString(operations) ?? asInteger(operations),
    readBytes: readUnit(budget['readBytes'], [...path, 'readBytes'], report, parseBytes),
    writeBytes: readUnit(budget['writeBytes'], [...path, 'writeBytes'], report, parseBytes),
  });
}
