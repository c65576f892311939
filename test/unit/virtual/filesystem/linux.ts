import {
  closeSync,
  constants,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { errorCode } from '../../../../src/ambient/host-volume-errno.ts';
import { nameOf } from './guest.ts';
import type { Operation } from './operation-rows.ts';

/** The same operation by the kernel, which resolves the path itself. */
export function onLinux(
  root: string,
  operation: Operation,
  [first = '', second = '']: readonly string[],
): string {
  // Not join(): it would normalise what the kernel is to see.
  const path = (relative: string): string => (relative === '' ? '' : `${root}/${relative}`);
  try {
    switch (operation) {
      case 'open':
        return openOnLinux(path(first), second);
      case 'stat':
        return typeName(statSync(path(first)));
      case 'lstat':
        return typeName(lstatSync(path(first)));
      case 'list':
        return readdirSync(path(first)).toSorted().join(' ');
      case 'readlink':
        return `-> ${readlinkSync(path(first))}`;
      case 'mkdir':
        mkdirSync(path(first));
        return 'ok';
      case 'rmdir':
        rmdirSync(path(first));
        return 'ok';
      case 'unlink':
        unlinkSync(path(first));
        return 'ok';
      case 'rename':
        renameSync(path(first), path(second));
        return 'ok';
      case 'link':
        linkSync(path(first), path(second));
        return 'ok';
      case 'symlink':
        symlinkSync(first, path(second));
        return 'ok';
    }
  } catch (error) {
    return nameOf(errorCode(error));
  }
}

function openOnLinux(path: string, how: string): string {
  const fd = openSync(path, flagsOnLinux(how));
  closeSync(fd);
  return statSync(path).isDirectory() ? 'directory' : 'file';
}

/** @param how letters, as `Guest.tryOpen` has them */
export function flagsOnLinux(how: string): number {
  const bit = (letter: string, flag: number): number => (how.includes(letter) ? flag : 0);
  const access = how.includes('w')
    ? how.includes('r')
      ? constants.O_RDWR
      : constants.O_WRONLY
    : constants.O_RDONLY;
  return (
    access |
    bit('c', constants.O_CREAT) |
    bit('d', constants.O_DIRECTORY) |
    // O_EXCL alone is undefined on Linux and means nothing in WASI.
    (how.includes('c') ? bit('x', constants.O_EXCL) : 0) |
    bit('t', constants.O_TRUNC) |
    bit('n', constants.O_NOFOLLOW)
  );
}

function typeName(stats: { isDirectory(): boolean; isSymbolicLink(): boolean }): string {
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symbolicLink' : 'regularFile';
}
