import type { Status } from '../../../src/virtual/error-code.ts';
import type { Descriptor } from '../../../src/virtual/filesystem/descriptor.ts';
import type { Filesystem } from '../../../src/virtual/filesystem/filesystem.ts';
import type { Lowering, Lowerings } from '../abi/lowering.ts';
import { checked, liftString, lowerBytes, storeList, utf8 } from '../abi/values.ts';
import { MAX_DESCRIPTOR_FLAGS, MAX_OPEN_FLAGS, MAX_PATH_FLAGS, SYMLINK_FOLLOW } from './bits.ts';
import { newTimestamp } from './descriptor-operations.ts';
import { storeErr, storeHandle, storeHash, storeOk, storeStat, storeStatus } from './results.ts';

const resources = ['descriptor'] as const;

/** The functions of `descriptor` that take a path; descriptor.ts has the WIT signatures. */
export const pathLowerings: Lowerings = {
  '[method]descriptor.create-directory-at': onName((files, at, name) => files.createDirectoryAt(at, name)),
  '[method]descriptor.stat-at': {
    resources,
    lower:
      ({ host, stat }, { memory, handles }) =>
      (self: number, flags: number, path: number, length: number, result: number): void => {
        const name = liftString(memory, path, length);
        storeStat(
          memory,
          result,
          host.filesystem.statAt(handles.descriptor.get(self), follows(flags), name, stat),
          stat,
        );
      },
  },
  '[method]descriptor.set-times-at': {
    resources,
    lower:
      ({ host }, { memory, handles }) =>
      (
        self: number,
        flags: number,
        path: number,
        length: number,
        accessKind: number,
        accessSeconds: bigint,
        accessNanoseconds: number,
        changeKind: number,
        changeSeconds: bigint,
        changeNanoseconds: number,
        result: number,
      ): void => {
        const descriptor = handles.descriptor.get(self);
        const name = liftString(memory, path, length);
        const accessed = newTimestamp(host, accessKind, accessSeconds, accessNanoseconds);
        const modified = newTimestamp(host, changeKind, changeSeconds, changeNanoseconds);
        storeStatus(
          memory,
          result,
          host.filesystem.setTimesAt(descriptor, follows(flags), name, accessed, modified),
        );
      },
  },
  '[method]descriptor.link-at': {
    resources,
    lower:
      ({ host }, { memory, handles }) =>
      (
        self: number,
        flags: number,
        path: number,
        length: number,
        to: number,
        toPath: number,
        toLength: number,
        result: number,
      ): void => {
        const { descriptor } = handles;
        const name = liftString(memory, path, length);
        const toName = liftString(memory, toPath, toLength);
        const status = host.filesystem.linkAt(
          descriptor.get(self),
          follows(flags),
          name,
          descriptor.get(to),
          toName,
        );
        storeStatus(memory, result, status);
      },
  },
  '[method]descriptor.open-at': {
    resources,
    lower: (context, { memory, handles: { descriptor } }) => {
      const { filesystem } = context.host;
      return (
        self: number,
        pathFlags: number,
        path: number,
        length: number,
        openFlags: number,
        flags: number,
        result: number,
      ): void => {
        const at = descriptor.get(self);
        const name = liftString(memory, path, length);
        checked(openFlags, MAX_OPEN_FLAGS);
        checked(flags, MAX_DESCRIPTOR_FLAGS);
        const opened = filesystem.openAt(at, follows(pathFlags), name, openFlags, flags);
        if (typeof opened === 'number') storeErr(memory, result, 8, 4, opened);
        else storeHandle(memory, result, descriptor.add(opened));
      };
    },
  },
  '[method]descriptor.readlink-at': {
    resources,
    lower:
      ({ host }, canon) =>
      (self: number, path: number, length: number, result: number): void => {
        const { memory, handles } = canon;
        const target = host.filesystem.readlinkAt(
          handles.descriptor.get(self),
          liftString(memory, path, length),
        );
        if (typeof target === 'number') {
          storeErr(memory, result, 12, 4, target);
          return;
        }
        const text = utf8(target);
        const pointer = lowerBytes(canon, text, text.length);
        storeList(memory, storeOk(memory, result, 12, 4), pointer, text.length);
      },
  },
  '[method]descriptor.remove-directory-at': onName((files, at, name) => files.removeDirectoryAt(at, name)),
  '[method]descriptor.rename-at': {
    resources,
    lower:
      ({ host }, { memory, handles: { descriptor } }) =>
      (
        self: number,
        path: number,
        length: number,
        to: number,
        toPath: number,
        toLength: number,
        result: number,
      ): void => {
        const name = liftString(memory, path, length);
        const toName = liftString(memory, toPath, toLength);
        storeStatus(
          memory,
          result,
          host.filesystem.renameAt(descriptor.get(self), name, descriptor.get(to), toName),
        );
      },
  },
  '[method]descriptor.symlink-at': {
    resources,
    lower:
      ({ host }, { memory, handles }) =>
      (
        self: number,
        target: number,
        targetLength: number,
        path: number,
        length: number,
        result: number,
      ): void => {
        const text = liftString(memory, target, targetLength);
        const name = liftString(memory, path, length);
        storeStatus(memory, result, host.filesystem.symlinkAt(handles.descriptor.get(self), text, name));
      },
  },
  '[method]descriptor.unlink-file-at': onName((files, at, name) => files.unlinkFileAt(at, name)),
  '[method]descriptor.metadata-hash-at': {
    resources,
    lower:
      ({ host, stat }, { memory, handles }) =>
      (self: number, flags: number, path: number, length: number, result: number): void => {
        const name = liftString(memory, path, length);
        const status = host.filesystem.statAt(handles.descriptor.get(self), follows(flags), name, stat);
        storeHash(memory, result, status, stat);
      },
  },
};

/** `func(path: string) -> result<_, error-code>` */
function onName(act: (files: Filesystem, at: Descriptor, name: string) => Status): Lowering {
  return {
    resources,
    lower:
      ({ host }, { memory, handles }) =>
      (self: number, path: number, length: number, result: number): void => {
        const name = liftString(memory, path, length);
        storeStatus(memory, result, act(host.filesystem, handles.descriptor.get(self), name));
      },
  };
}

function follows(flags: number): boolean {
  return checked(flags, MAX_PATH_FLAGS) === SYMLINK_FOLLOW;
}
