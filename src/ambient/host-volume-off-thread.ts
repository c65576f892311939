import { read, write } from 'node:fs';
import { Permit } from '../kernel/permit.ts';
import { ErrorCode } from '../virtual/error-code.ts';
import type { OffThread } from '../virtual/filesystem/volume.ts';
import { errorCode } from './host-volume-errno.ts';
import type { Room } from './host-volume-usage.ts';

/**
 * Bytes from which an operation leaves the thread when nothing else is said. What is smaller takes less time than the
 * other tenants notice, and handing it to libuv's pool and back costs it more than it takes.
 */
export const OFF_THREAD_FROM: number = 1 << 20;

/** A descriptor, and where to write on it to append: null where it only ever appends. */
export interface AppendTarget {
  readonly fd: number;
  readonly position: number | null;
}

/** What an operation beside the thread needs of its file. */
export interface OffThreadTarget {
  /** -1 once closed. */
  fd(): number;
  /** @throws what node:fs throws */
  end(): AppendTarget;
  /** @returns null when it would pass the quota, undefined when there is none @throws what node:fs throws */
  takeRoom(position: number | undefined, length: number): Room | null | undefined;
  settle(room: Room | undefined, count: number): void;
  /** Keeps the descriptors open while `operation` runs, also when the file is closed meanwhile. */
  during<Result>(operation: () => Promise<Result>): Promise<Result>;
}

/**
 * Reads and writes through libuv's pool. Buffers are the host's, never the guest's memory: growing that would take it from
 * under a thread that is writing there.
 */
export class HostOffThread implements OffThread {
  readonly threshold: number;
  readonly #file: OffThreadTarget;

  constructor(threshold: number, file: OffThreadTarget) {
    this.threshold = threshold;
    this.#file = file;
  }

  read(
    permit: Permit,
    target: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<number> {
    Permit.assert(permit);
    const fd = this.#file.fd();
    return this.#file.during(() => call((done) => read(fd, target, offset, length, position, done)));
  }

  write(
    permit: Permit,
    source: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<number> {
    Permit.assert(permit);
    return this.#writing(position, length, () => {
      const fd = this.#file.fd();
      return (done) => write(fd, source, offset, length, position, done);
    });
  }

  append(permit: Permit, source: Uint8Array, offset: number, length: number): Promise<number> {
    Permit.assert(permit);
    return this.#writing(undefined, length, () => {
      const { fd, position } = this.#file.end();
      return (done) => write(fd, source, offset, length, position, done);
    });
  }

  async #writing(
    position: number | undefined,
    length: number,
    prepare: () => (done: Done) => void,
  ): Promise<number> {
    if (length === 0) return 0;
    let start: (done: Done) => void;
    let room: Room | null | undefined;
    try {
      start = prepare();
      room = this.#file.takeRoom(position, length);
    } catch (error) {
      return -errorCode(error);
    }
    if (room === null) return -ErrorCode.quota;
    return this.#file.during(async () => {
      const count = await call(start);
      this.#file.settle(room, Math.max(0, count));
      return count;
    });
  }
}

type Done = (error: Error | null, count: number) => void;

function call(start: (done: Done) => void): Promise<number> {
  return new Promise((resolve) => {
    try {
      start((error, count) => resolve(error === null ? count : -errorCode(error)));
    } catch (error) {
      resolve(-errorCode(error));
    }
  });
}
