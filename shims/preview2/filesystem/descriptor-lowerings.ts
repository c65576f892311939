import { MAX_PART } from '../../../src/virtual/bounds.ts';
import { leavesThread } from '../../../src/virtual/filesystem/file-transfers.ts';
import type { GuestMemory } from '../../guest-memory.ts';
import type { Canon, Lowerings } from '../abi/lowering.ts';
import { checked, clampU64, listArea, lowerBytes, storeList } from '../abi/values.ts';
import { MAX_ADVICE } from './bits.ts';
import { advise, isSameObject, typeOf } from '../../../src/virtual/filesystem/descriptor-operations.ts';
import {
  newTimestamp,
  position,
  readDirectory,
  readLength,
  readViaStream,
  writeViaStream,
} from './descriptor-operations.ts';
import { readLarge, writeLarge } from './large-transfer.ts';
import { storeErr, storeHandle, storeHash, storeOk, storeStat, storeStatus } from './results.ts';

const resources = ['descriptor'] as const;

/** The functions of `descriptor` that take no path; descriptor.ts has the WIT signatures. */
export const descriptorLowerings: Lowerings = {
  '[method]descriptor.read-via-stream': {
    resources: ['input-stream', 'descriptor'],
    lower:
      (context, { memory, handles }) =>
      (self: number, offset: bigint, result: number): void => {
        const stream = readViaStream(context, handles.descriptor.get(self), offset);
        if (typeof stream === 'number') storeErr(memory, result, 8, 4, stream);
        else storeHandle(memory, result, handles['input-stream'].add(stream));
      },
  },
  '[method]descriptor.write-via-stream': {
    resources: ['output-stream', 'descriptor'],
    lower:
      (context, { memory, handles }) =>
      (self: number, offset: bigint, result: number): void => {
        const stream = writeViaStream(context, handles.descriptor.get(self), offset);
        if (typeof stream === 'number') storeErr(memory, result, 8, 4, stream);
        else storeHandle(memory, result, handles['output-stream'].add(stream));
      },
  },
  '[method]descriptor.append-via-stream': {
    resources: ['output-stream', 'descriptor'],
    lower:
      (context, { memory, handles }) =>
      (self: number, result: number): void => {
        const stream = writeViaStream(context, handles.descriptor.get(self), undefined);
        if (typeof stream === 'number') storeErr(memory, result, 8, 4, stream);
        else storeHandle(memory, result, handles['output-stream'].add(stream));
      },
  },
  '[method]descriptor.advise': {
    resources,
    lower:
      (_context, { memory, handles }) =>
      (self: number, _offset: bigint, _length: bigint, advice: number, result: number): void => {
        checked(advice, MAX_ADVICE);
        storeStatus(memory, result, advise(handles.descriptor.get(self)));
      },
  },
  '[method]descriptor.sync-data': {
    resources,
    lower:
      ({ host }, { memory, handles }) =>
      (self: number, result: number): void =>
        storeStatus(memory, result, host.filesystem.sync(handles.descriptor.get(self), true)),
  },
  '[method]descriptor.get-flags': {
    resources,
    lower:
      (_context, { memory, handles }) =>
      (self: number, result: number): void => {
        const { flags } = handles.descriptor.get(self);
        const at = storeOk(memory, result, 2, 1);
        memory.bytes[at] = flags;
      },
  },
  '[method]descriptor.get-type': {
    resources,
    lower:
      (_context, { memory, handles }) =>
      (self: number, result: number): void => {
        const type = typeOf(handles.descriptor.get(self));
        const at = storeOk(memory, result, 2, 1);
        memory.bytes[at] = type;
      },
  },
  '[method]descriptor.set-size': {
    resources,
    lower:
      ({ host }, { memory, handles }) =>
      (self: number, size: bigint, result: number): void =>
        storeStatus(memory, result, host.filesystem.setSize(handles.descriptor.get(self), position(size))),
  },
  '[method]descriptor.set-times': {
    resources,
    lower:
      ({ host }, { memory, handles }) =>
      (
        self: number,
        accessKind: number,
        accessSeconds: bigint,
        accessNanoseconds: number,
        changeKind: number,
        changeSeconds: bigint,
        changeNanoseconds: number,
        result: number,
      ): void => {
        const accessed = newTimestamp(host, accessKind, accessSeconds, accessNanoseconds);
        const modified = newTimestamp(host, changeKind, changeSeconds, changeNanoseconds);
        storeStatus(
          memory,
          result,
          host.filesystem.setTimes(handles.descriptor.get(self), accessed, modified),
        );
      },
  },
  '[method]descriptor.read': {
    resources,
    blocking: 'off-thread',
    lower: (context, canon) => {
      const { handles } = canon;
      const { filesystem } = context.host;
      return (self: number, length: bigint, offset: bigint, result: number): void | Promise<void> => {
        const descriptor = handles.descriptor.get(self);
        const large = clampU64(length, MAX_PART);
        if (leavesThread(descriptor, large)) {
          const buffer = new Uint8Array(large);
          const reading = readLarge(context, descriptor, buffer, position(offset));
          return reading.then((count) => storeRead(canon, buffer, count, large, result));
        }
        const wanted = readLength(length);
        const buffer = context.scratch(wanted);
        const count = filesystem.read(descriptor, buffer, 0, wanted, position(offset));
        storeRead(canon, buffer, count, wanted, result);
      };
    },
  },
  '[method]descriptor.write': {
    resources,
    blocking: 'off-thread',
    lower:
      (context, { memory, handles }) =>
      (
        self: number,
        pointer: number,
        length: number,
        offset: bigint,
        result: number,
      ): void | Promise<void> => {
        const start = listArea(memory, pointer, length >>> 0, 1);
        const descriptor = handles.descriptor.get(self);
        if (leavesThread(descriptor, length >>> 0)) {
          const source = { memory, start, length: length >>> 0 };
          const writing = writeLarge(context, descriptor, source, position(offset));
          return writing.then((count) => storeWritten(memory, count, result));
        }
        const { filesystem } = context.host;
        const count = filesystem.write(descriptor, memory.bytes, start, length >>> 0, position(offset));
        storeWritten(memory, count, result);
      },
  },
  '[method]descriptor.read-directory': {
    resources: ['descriptor', 'directory-entry-stream'],
    lower:
      (context, { memory, handles }) =>
      (self: number, result: number): void => {
        const entries = readDirectory(context, handles.descriptor.get(self));
        if (typeof entries === 'number') storeErr(memory, result, 8, 4, entries);
        else storeHandle(memory, result, handles['directory-entry-stream'].add(entries));
      },
  },
  '[method]descriptor.sync': {
    resources,
    lower:
      ({ host }, { memory, handles }) =>
      (self: number, result: number): void =>
        storeStatus(memory, result, host.filesystem.sync(handles.descriptor.get(self), false)),
  },
  '[method]descriptor.stat': {
    resources,
    lower:
      ({ host, stat }, { memory, handles }) =>
      (self: number, result: number): void =>
        storeStat(memory, result, host.filesystem.stat(handles.descriptor.get(self), stat), stat),
  },
  '[method]descriptor.is-same-object': {
    resources,
    lower:
      ({ host }, { handles }) =>
      (self: number, other: number): number =>
        isSameObject(host.filesystem, handles.descriptor.get(self), handles.descriptor.get(other)) ? 1 : 0,
  },
  '[method]descriptor.metadata-hash': {
    resources,
    lower:
      ({ host, stat }, { memory, handles }) =>
      (self: number, result: number): void => {
        const status = host.filesystem.stat(handles.descriptor.get(self), stat);
        storeHash(memory, result, status, stat);
      },
  },
};

/** Stores `result<tuple<list<u8>, bool>, error-code>`. @param count bytes in `buffer`, or a negative ErrorCode */
function storeRead(canon: Canon, buffer: Uint8Array, count: number, wanted: number, result: number): void {
  const { memory } = canon;
  if (count < 0) {
    storeErr(memory, result, 16, 4, -count);
    return;
  }
  const pointer = lowerBytes(canon, buffer, count);
  const at = storeOk(memory, result, 16, 4);
  storeList(memory, at, pointer, count);
  memory.bytes[at + 8] = count === 0 && wanted > 0 ? 1 : 0;
}

/** Stores `result<filesize, error-code>`. @param count bytes, or a negative ErrorCode */
function storeWritten(memory: GuestMemory, count: number, result: number): void {
  if (count < 0) storeErr(memory, result, 16, 8, -count);
  else memory.setU64(storeOk(memory, result, 16, 8), count);
}
