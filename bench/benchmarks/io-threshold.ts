import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  read,
  readSync,
  rmSync,
  write,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Context, effortOf } from '../benchmark.ts';
import { compare, type Contestant, median, reading, time } from '../measure.ts';
import type { Row } from '../row.ts';

const KIB = 1024;
const SIZES = [4, 16, 64, 256, 1024, 4096, 16_384].map((kib) => kib * KIB);
const MAX_SIZE = 16_384 * KIB;

/** Of a large transfer, so that copying it does not hold the event loop either. */
const PART = 256 * KIB;

/** What going off the thread may cost in all. */
const MAX_COST = 1.5;

/** Nanoseconds for which one call of a guest would hold all others. */
const LONG = 250_000;

/** On disk, not in memory; gitignored. */
const DIRECTORY = join(import.meta.dirname, '../../.cache/bench');

/** An open file, a guest's memory, and a buffer beside it: what a thread writes to must not be a memory that can grow. */
interface Buffers {
  readonly fd: number;
  readonly guest: Uint8Array;
  readonly scratch: Uint8Array;
  /** Where the next transfer begins, in the file and in the memory: none finds in a core's cache what the last one left. */
  next: number;
}

/**
 * From which size on a transfer is worth the way through libuv's threads: what it costs in all, and for how long it holds
 * the event loop. No product code is in it.
 */
export async function ioThreshold(context: Context): Promise<readonly Row[]> {
  mkdirSync(DIRECTORY, { recursive: true });
  const directory = mkdtempSync(join(DIRECTORY, 'io-'));
  const fd = openSync(join(directory, 'file'), 'w+');
  try {
    const guest = new Uint8Array(new WebAssembly.Memory({ initial: MAX_SIZE / (64 * KIB) }).buffer);
    const buffers: Buffers = { fd, guest, scratch: new Uint8Array(MAX_SIZE), next: 0 };
    writeSync(fd, guest, 0, MAX_SIZE, 0);
    return [...(await rowsFor(context, buffers, 'read')), ...(await rowsFor(context, buffers, 'write'))];
  } finally {
    closeSync(fd);
    rmSync(directory, { recursive: true });
  }
}

type Direction = 'read' | 'write';

/** One size in one way: nanoseconds. */
interface Transfer {
  readonly what: string;
  /** The synchronous call, which holds the event loop for as long. */
  readonly sync: number;
  /** Off the thread, in all. */
  readonly off: number;
  /** How long the event loop is held then. */
  readonly held: number;
}

async function rowsFor(context: Context, buffers: Buffers, direction: Direction): Promise<Row[]> {
  const transfers: Transfer[] = [];
  for (const size of SIZES) {
    const contestants = [
      onThread(buffers, direction, size),
      measured('whole', size, () => offThread(buffers, direction, size, size)),
      measured('parts', size, () => offThread(buffers, direction, size, PART)),
    ];
    const results = await compare(contestants, effortOf(context, { warmUp: 50, rounds: 15 }));
    const sync = reading(results, 'sync', 'time');
    for (const way of size > PART ? ['whole', 'parts'] : ['whole']) {
      const inParts = way === 'parts' ? ` in parts of ${sizeOf(PART)}` : '';
      const what = `${direction} ${sizeOf(size)}${inParts}`;
      transfers.push({ what, sync, off: reading(results, way, 'time'), held: reading(results, way, 'held') });
    }
  }
  return [...transfers.flatMap(rowsOf), ...recommend(transfers, direction)];
}

function rowsOf({ what, sync, off, held }: Transfer): Row[] {
  const peer = { name: 'synchronous', time: sync };
  return [
    { what: `${what}: time`, ours: off, peer },
    { what: `${what}: event loop held`, ours: held, peer },
  ];
}

/** What a threshold can be justified by: that the thread costs little, or that the synchronous call holds the loop long. */
function recommend(transfers: readonly Transfer[], direction: Direction): Row[] {
  const cheap = transfers.find(({ sync, off }) => off <= sync * MAX_COST);
  const long = transfers.find(({ sync }) => sync >= LONG);
  return [
    ...recommendation(`=> ${direction}, off the thread for at most ${MAX_COST}x its time: from`, cheap),
    ...recommendation(`=> ${direction}, synchronous call holds the loop for 250 µs: from`, long),
  ];
}

/** @returns no row when no size is large enough */
function recommendation(text: string, found: Transfer | undefined): Row[] {
  if (found === undefined) return [];
  const peer = { name: 'synchronous', time: found.sync };
  return [{ what: `${text} ${found.what}`, ours: found.off, peer }];
}

/** Calls in one round: about as many bytes for each size. */
function callsFor(size: number): number {
  return Math.min(64, Math.max(2, (4096 * KIB) / size));
}

function onThread(buffers: Buffers, direction: Direction, size: number): Contestant {
  const { fd, guest } = buffers;
  const calls = callsFor(size);
  const all = (): void => {
    for (let i = 0; i < calls; i++) {
      const at = advance(buffers, size);
      if (direction === 'read') readSync(fd, guest, at, size, at);
      else writeSync(fd, guest, at, size, at);
    }
  };
  return { name: 'sync', round: async () => new Map([['time', (await time(all)) / calls]]) };
}

function measured(name: string, size: number, call: () => Promise<void>): Contestant {
  const calls = callsFor(size);
  const all = async (): Promise<void> => {
    for (let i = 0; i < calls; i++) await call();
  };
  return {
    name,
    round: async () => {
      const each = (await time(all)) / calls;
      const held: number[] = [];
      for (let i = 0; i < calls; i++) held.push(await longestTurn(call));
      return new Map([
        ['time', each],
        ['held', median(held)],
      ]);
    },
  };
}

async function offThread(buffers: Buffers, direction: Direction, size: number, part: number): Promise<void> {
  const { fd, guest, scratch } = buffers;
  const start = advance(buffers, size);
  for (let at = start; at < start + size; at += part) {
    const length = Math.min(part, start + size - at);
    if (direction === 'write') scratch.set(guest.subarray(at, at + length));
    await new Promise<void>((resolve, reject) => {
      const settle = (error: Error | null): void => (error === null ? resolve() : reject(error));
      if (direction === 'read') read(fd, scratch, 0, length, at, settle);
      else write(fd, scratch, 0, length, at, settle);
    });
    if (direction === 'read') guest.set(scratch.subarray(0, length), at);
  }
}

/** @returns where a transfer of `size` bytes begins */
function advance(buffers: Buffers, size: number): number {
  const at = buffers.next + size > MAX_SIZE ? 0 : buffers.next;
  buffers.next = at + size;
  return at;
}

/** @returns nanoseconds: the longest time that the event loop came to nothing else while `work` ran */
async function longestTurn(work: () => Promise<void>): Promise<number> {
  let last = performance.now();
  let longest = 0;
  let running = true;
  const turn = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  running = false;
  turn();
  return longest * 1e6;
}

function sizeOf(bytes: number): string {
  return bytes < 1024 * KIB ? `${bytes / KIB} KiB` : `${bytes / (1024 * KIB)} MiB`;
}
