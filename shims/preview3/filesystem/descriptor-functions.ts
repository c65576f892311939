import { advise, isSameObject, typeOf } from '../../../src/virtual/filesystem/descriptor-operations.ts';
import type { NewTimestamp as Time } from '../../../src/virtual/filesystem/volume.ts';
import type { Host } from '../../../src/virtual/host.ts';
import { nanosecondsOf } from '../clocks/instant.ts';
import type { NewTimestamp } from '../wit.ts';
import { statusResult } from './error-code.ts';
import type { DescriptorFunctions } from './functions.ts';
import { descriptorType, hashResult, statResult } from './stat.ts';

/** The functions of `descriptor` that take neither a path nor a stream. */
export const descriptorFunctions: DescriptorFunctions = {
  // advise: async func(offset: filesize, length: filesize, advice: advice) -> result<_, error-code>
  '[method]descriptor.advise': (_context, self) => statusResult(advise(self)),

  // sync-data: async func() -> result<_, error-code>
  '[method]descriptor.sync-data': ({ host }, self) => statusResult(host.filesystem.sync(self, true)),

  // get-flags: async func() -> result<descriptor-flags, error-code>
  '[method]descriptor.get-flags': (_context, self) => ({ tag: 'ok', val: self.flags }),

  // get-type: async func() -> result<descriptor-type, error-code>
  '[method]descriptor.get-type': (_context, self) => ({ tag: 'ok', val: descriptorType(typeOf(self)) }),

  // set-size: async func(size: filesize) -> result<_, error-code>
  '[method]descriptor.set-size': ({ host }, self, size) =>
    statusResult(host.filesystem.setSize(self, Number(size))),

  // set-times: async func(data-access-timestamp: new-timestamp, data-modification-timestamp: new-timestamp)
  //   -> result<_, error-code>
  '[method]descriptor.set-times': ({ host }, self, accessed, modified) =>
    statusResult(host.filesystem.setTimes(self, newTime(host, accessed), newTime(host, modified))),

  // sync: async func() -> result<_, error-code>
  '[method]descriptor.sync': ({ host }, self) => statusResult(host.filesystem.sync(self, false)),

  // stat: async func() -> result<descriptor-stat, error-code>
  '[method]descriptor.stat': ({ host, stat }, self) => statResult(host.filesystem.stat(self, stat), stat),

  // is-same-object: async func(other: borrow<descriptor>) -> bool
  '[method]descriptor.is-same-object': ({ host }, self, other) => isSameObject(host.filesystem, self, other),

  // metadata-hash: async func() -> result<metadata-hash-value, error-code>
  '[method]descriptor.metadata-hash': ({ host, stat }, self) =>
    hashResult(host.filesystem.stat(self, stat), stat),
};

export function newTime(host: Host, time: NewTimestamp): Time {
  if (time.tag === 'timestamp') return nanosecondsOf(time.val);
  return time.tag === 'now' ? host.clocks.wall.peek() : undefined;
}
