import { PathFlags } from '../wit.ts';
import { newTime } from './descriptor-functions.ts';
import { failed, statusResult } from './error-code.ts';
import type { PathFunctions } from './functions.ts';
import { hashResult, statResult } from './stat.ts';

/** The functions of `descriptor` that take a path. */
export const pathFunctions: PathFunctions = {
  // create-directory-at: async func(path: string) -> result<_, error-code>
  '[method]descriptor.create-directory-at': ({ host }, self, path) =>
    statusResult(host.filesystem.createDirectoryAt(self, path)),

  // stat-at: async func(path-flags: path-flags, path: string) -> result<descriptor-stat, error-code>
  '[method]descriptor.stat-at': ({ host, stat }, self, flags, path) =>
    statResult(host.filesystem.statAt(self, follows(flags), path, stat), stat),

  // set-times-at: async func(path-flags: path-flags, path: string, data-access-timestamp: new-timestamp,
  //   data-modification-timestamp: new-timestamp) -> result<_, error-code>
  '[method]descriptor.set-times-at': ({ host }, self, flags, path, accessed, modified) =>
    statusResult(
      host.filesystem.setTimesAt(
        self,
        follows(flags),
        path,
        newTime(host, accessed),
        newTime(host, modified),
      ),
    ),

  // link-at: async func(old-path-flags: path-flags, old-path: string, new-descriptor: borrow<descriptor>,
  //   new-path: string) -> result<_, error-code>
  '[method]descriptor.link-at': ({ host }, self, flags, oldPath, newDescriptor, newPath) =>
    statusResult(host.filesystem.linkAt(self, follows(flags), oldPath, newDescriptor, newPath)),

  // open-at: async func(path-flags: path-flags, path: string, open-flags: open-flags, %flags: descriptor-flags)
  //   -> result<descriptor, error-code>
  '[method]descriptor.open-at': ({ host }, self, pathFlags, path, openFlags, flags) => {
    const opened = host.filesystem.openAt(self, follows(pathFlags), path, openFlags, flags);
    return typeof opened === 'number' ? failed(opened) : { tag: 'ok', val: opened };
  },

  // readlink-at: async func(path: string) -> result<string, error-code>
  '[method]descriptor.readlink-at': ({ host }, self, path) => {
    const target = host.filesystem.readlinkAt(self, path);
    return typeof target === 'number' ? failed(target) : { tag: 'ok', val: target };
  },

  // remove-directory-at: async func(path: string) -> result<_, error-code>
  '[method]descriptor.remove-directory-at': ({ host }, self, path) =>
    statusResult(host.filesystem.removeDirectoryAt(self, path)),

  // rename-at: async func(old-path: string, new-descriptor: borrow<descriptor>, new-path: string)
  //   -> result<_, error-code>
  '[method]descriptor.rename-at': ({ host }, self, oldPath, newDescriptor, newPath) =>
    statusResult(host.filesystem.renameAt(self, oldPath, newDescriptor, newPath)),

  // symlink-at: async func(old-path: string, new-path: string) -> result<_, error-code>
  '[method]descriptor.symlink-at': ({ host }, self, oldPath, newPath) =>
    statusResult(host.filesystem.symlinkAt(self, oldPath, newPath)),

  // unlink-file-at: async func(path: string) -> result<_, error-code>
  '[method]descriptor.unlink-file-at': ({ host }, self, path) =>
    statusResult(host.filesystem.unlinkFileAt(self, path)),

  // metadata-hash-at: async func(path-flags: path-flags, path: string) -> result<metadata-hash-value, error-code>
  '[method]descriptor.metadata-hash-at': ({ host, stat }, self, flags, path) =>
    hashResult(host.filesystem.statAt(self, follows(flags), path, stat), stat),
};

function follows(flags: number): boolean {
  return (flags & PathFlags.symlinkFollow) !== 0;
}
