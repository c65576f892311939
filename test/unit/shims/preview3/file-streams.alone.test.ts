import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FutureSource } from '../../../../shims/canonical-abi/values.ts';
import { DescriptorFlags } from '../../../../shims/preview3/wit.ts';
import { HostVolume } from '../../../../src/ambient/host-volume.ts';
import type { Descriptor } from '../../../../src/virtual/filesystem/descriptor.ts';
import { MemoryVolume } from '../../../../src/virtual/filesystem/memory-volume.ts';
import { Quota } from '../../../../src/virtual/filesystem/quota.ts';
import { Traffic } from '../../../../src/virtual/filesystem/traffic.ts';
import {
  GuestWriter,
  readOnce,
  readToEnd,
  streamOf,
  textToEnd,
  valueOf,
} from '../../../support/component-streams.ts';
import { Files, RW, type Via } from './files.ts';

const OK = { tag: 'ok' };
const err = (tag: string): object => ({ tag: 'err', val: { tag } });

let directory: string;
let files: Files;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bailiwick-p3-'));
});
afterEach(() => {
  files.end();
  rmSync(directory, { recursive: true });
});

const read = (file: Descriptor, offset = 0n): Via => files.caller.on(file, 'read-via-stream', offset) as Via;
const write = (file: Descriptor, data: GuestWriter, offset = 0n): FutureSource =>
  files.caller.on(file, 'write-via-stream', data, offset) as FutureSource;
const append = (file: Descriptor, data: GuestWriter): FutureSource =>
  files.caller.on(file, 'append-via-stream', data) as FutureSource;
const textOf = async (file: Descriptor, offset?: bigint): Promise<string> => {
  const [stream, ended] = read(file, offset);
  const text = await textToEnd(stream);
  expect(await valueOf(ended)).toEqual(OK);
  return text;
};

const VOLUMES = {
  memory: (): Files => new Files({ mounts: [{ path: '/' }] }),
  host: (): Files => new Files({ mounts: [{ path: '/', volume: new HostVolume(directory) }] }),
  'host, beside the thread': (): Files =>
    new Files({ mounts: [{ path: '/', volume: new HostVolume(directory, { offThreadFrom: 2 }) }] }),
};

describe.each(Object.entries(VOLUMES))('%s', (_name, make) => {
  beforeEach(() => {
    files = make();
  });

  test('bytes are written, appended and read', async () => {
    const file = files.create('file');
    expect(await valueOf(write(file, streamOf('hello!')))).toEqual(OK);
    expect(await valueOf(write(file, streamOf('byeee')))).toEqual(OK);
    expect(await valueOf(append(file, streamOf(' laters!!')))).toEqual(OK);
    expect(await valueOf(write(file, streamOf('')))).toEqual(OK);
    expect(await textOf(file)).toBe('byeee! laters!!');
    expect(await textOf(file, 7n)).toBe('laters!!');
    expect(await textOf(file, 100n)).toBe('');
  });

  test('many bytes come through as they were', async () => {
    const bytes = Uint8Array.from({ length: 1_500_001 }, (_, i) => (i * 7) ^ (i >> 8));
    const file = files.create('file');
    expect(await valueOf(write(file, streamOf(bytes)))).toEqual(OK);
    const [stream] = read(file);
    expect(Buffer.from(await readToEnd(stream, bytes.length)).equals(bytes)).toBe(true);
    expect(files.test.host.meter).toMatchObject({ fileBytesWritten: 1_500_001, fileBytesRead: 1_500_001 });
  });

  test('a read that is given up takes nothing away from the next', async () => {
    const file = files.create('file');
    await valueOf(write(file, streamOf('hello')));
    const [stream, ended] = read(file);
    const reading = readOnce(stream, 3);
    stream.cancel();
    const { items } = await reading;
    expect(Buffer.from(items).toString() + (await textToEnd(stream))).toBe('hello');
    expect(await valueOf(ended)).toEqual(OK);
  });

  test('the file stays open for its streams alone, and no longer', async () => {
    const file = files.create('file');
    await valueOf(write(file, streamOf('hello')));
    const data = new GuestWriter();
    const ended = append(file, data);
    const [stream] = read(file);
    files.caller.drop(file);
    expect([await readOnce(stream, 2), files.handles]).toMatchObject([{ items: [104, 101] }, 1]);
    stream.drop();
    expect(files.handles).toBe(1);
    await data.write('!');
    data.end();
    expect([await valueOf(ended), files.handles]).toEqual([OK, 0]);
    expect(await textOf(files.open('file'))).toBe('hello!');
  });

  test('a stream that has ended keeps nothing open', async () => {
    const file = files.create('file');
    await valueOf(write(file, streamOf('hello')));
    const [stream] = read(file);
    files.caller.drop(file);
    // To the end, but the guest keeps its handle of the stream.
    for (let left = true; left;) left = (await readOnce(stream, 100)).result === 'completed';
    expect(files.handles).toBe(0);
    stream.drop();
  });

  test('the end of the instance closes what its streams kept open', async () => {
    const file = files.create('file');
    const data = new GuestWriter();
    write(file, data);
    await data.write('hello');
    read(file);
    files.caller.drop(file);
    expect(files.handles).toBe(1);
    files.caller.context.end(new Error('over'));
    expect([files.handles, data.dropped]).toEqual([0, true]);
  });

  test('a revoked grant ends streams with what it says of a denial', async () => {
    const file = files.create('file');
    await valueOf(write(file, streamOf('hello')));
    const data = new GuestWriter();
    const written = valueOf(append(file, data));
    await data.write(' more');
    const [stream, ended] = read(file);
    await readOnce(stream, 1);
    files.test.host.guard.revoke(files.root.grant);
    await data.write('never');
    expect([await written, data.dropped]).toEqual([err('not-permitted'), true]);
    expect(await readOnce(stream, 100)).toMatchObject({ result: 'dropped', items: [] });
    expect(await valueOf(ended)).toEqual(err('not-permitted'));
    expect(files.refusals).toEqual(['denied append /', 'denied read /']);
  });
});

describe('what cannot be streamed', () => {
  beforeEach(() => {
    files = new Files({ mounts: [{ path: '/', content: { file: 'hello', 'd/f': '' } }] });
  });

  const refusedRead = async (file: Descriptor, offset?: bigint): Promise<unknown> => {
    const [stream, ended] = read(file, offset);
    expect(await readOnce(stream, 10)).toEqual({ result: 'dropped', items: [] });
    stream.drop();
    return valueOf(ended);
  };

  test('is told by the future, and the stream is empty', async () => {
    expect(await refusedRead(files.root)).toEqual(err('is-directory'));
    const writable = files.open('file', 0, DescriptorFlags.write);
    expect(await refusedRead(writable)).toEqual(err('bad-descriptor'));
    expect(await refusedRead(files.open('file'), 2n ** 64n - 1n)).toEqual(err('invalid'));
  });

  test.each([
    ['a directory', 'd', 'is-directory'],
    ['a file opened to be read', 'file', 'bad-descriptor'],
  ])('what goes to %s is dropped', async (_what, path, tag) => {
    for (const to of [write, append]) {
      const data = streamOf('x');
      expect(await valueOf(to(files.open(path), data))).toEqual(err(tag));
      expect(data.dropped).toBe(true);
    }
    const data = streamOf('x');
    const offset = 2n ** 64n - 1n;
    expect(await valueOf(write(files.open('file', 0, RW), data, offset))).toEqual(err('invalid'));
    expect(data.dropped).toBe(true);
  });
});

test('what the policy lets pass ends the stream, with the reason, on record', async () => {
  const traffic = new Traffic('r', { readBytes: 4, writeBytes: 7 });
  files = new Files({ mounts: [{ path: '/', content: { file: 'hello' }, rules: { traffic } }] });
  const file = files.open('file', 0, RW);
  const [stream, ended] = read(file);
  expect(await textToEnd(stream)).toBe('hell');
  expect(await valueOf(ended)).toEqual(err('quota'));
  const data = new GuestWriter();
  const written = valueOf(write(file, data));
  await data.write('abcde');
  await data.write('fghij');
  expect([await written, data.dropped]).toEqual([err('quota'), true]);
  expect(files.refusals).toEqual(['limited read r budget.readBytes', 'limited write r budget.writeBytes']);
});

test('a full volume ends the stream, with the reason, on record', async () => {
  const volume = new MemoryVolume({ now: () => 0n, quota: new Quota({ bytes: 10 }) });
  files = new Files({ mounts: [{ path: '/', volume }] });
  const file = files.create('file');
  const data = new GuestWriter();
  const ended = valueOf(write(file, data));
  await data.write('0123456789');
  await data.write('!');
  expect([await ended, data.dropped]).toEqual([err('quota'), true]);
  expect(await textOf(file)).toBe('0123456789');
  expect(files.refusals).toHaveLength(1);
});

describe('beside the thread', () => {
  test('a writer waits until its bytes are with the file', async () => {
    files = new Files({
      mounts: [{ path: '/', volume: new HostVolume(directory, { offThreadFrom: 1 << 20 }) }],
    });
    const file = files.create('file');
    const data = new GuestWriter();
    const ended = valueOf(write(file, data));
    void data.write(new Uint8Array(5 << 20).fill(7));
    // The first part is on its way, and the second has to wait for it.
    expect(data.left).toBe(4 << 20);
    data.end();
    expect(await ended).toEqual(OK);
    expect(readFileSync(join(directory, 'file')).equals(Buffer.alloc(5 << 20, 7))).toBe(true);
  });

  test('a read of any length is of parts', async () => {
    writeFileSync(join(directory, 'file'), Buffer.alloc(3 << 20, 7));
    files = new Files({ mounts: [{ path: '/', volume: new HostVolume(directory) }] });
    const [stream] = read(files.open('file'));
    expect((await readOnce(stream, 1 << 26)).items).toHaveLength(1 << 20);
    stream.drop();
  });

  test('the end of the instance leaves no descriptor of the process open', async () => {
    files = new Files({ mounts: [{ path: '/', volume: new HostVolume(directory, { offThreadFrom: 2 }) }] });
    const file = files.create('file');
    await valueOf(write(file, streamOf('hello world')));
    const open = (): number => readdirSync('/proc/self/fd').length;
    const before = open();
    const other = files.open('file', 0, RW);
    const [stream] = read(other);
    const reading = readOnce(stream, 5);
    void write(other, streamOf('HELLO'));
    files.caller.drop(other);
    files.caller.context.end(new Error('over'));
    stream.drop();
    // What was under way beside the thread comes to its end first.
    await expect.poll(open, { timeout: 5000 }).toBe(before);
    expect(await Promise.race([reading, Promise.resolve('no answer')])).toBe('no answer');
  });
});

describe('read-directory', () => {
  const names = (count: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`d/${i}`, '']));
  const list = (path: string): Via => files.caller.on(files.open(path), 'read-directory') as Via;

  test('gives entries in parts', async () => {
    files = new Files({ mounts: [{ path: '/', content: names(1000) }] });
    const [entries, ended] = list('d');
    expect((await readOnce(entries, 3)).items).toHaveLength(3);
    expect((await readOnce(entries, 10_000)).items).toHaveLength(256);
    expect(await readToEnd(entries)).toHaveLength(1000 - 3 - 256);
    expect(await valueOf(ended)).toEqual(OK);
  });

  test('dropped is no error', async () => {
    files = new Files({ mounts: [{ path: '/', content: names(3) }] });
    const [entries, ended] = list('d');
    await readOnce(entries, 1);
    entries.drop();
    expect([await valueOf(ended), files.caller.context.listings.held]).toEqual([OK, 0]);
  });

  test('what listings hold together is bounded, on record', async () => {
    files = new Files({ mounts: [{ path: '/', content: names(40_000) }] });
    const [first, firstEnded] = list('d');
    const [second, secondEnded] = list('d');
    expect(await readToEnd(second)).toEqual([]);
    expect(await valueOf(secondEnded)).toEqual(err('insufficient-memory'));
    expect(files.refusals).toEqual(['limited read-directory listed directory entries']);
    first.drop();
    expect(await valueOf(firstEnded)).toEqual(OK);
    expect(await readToEnd(list('d')[0])).toHaveLength(40_000);
    list('d');
    files.caller.context.end(new Error('over'));
    expect(files.caller.context.listings.held).toBe(0);
  });

  test('of a file, or without the word for it, there is none', async () => {
    files = new Files({ mounts: [{ path: '/', access: ['read'], content: { file: '' } }] });
    const refused = async ([entries, ended]: Via): Promise<unknown> => {
      expect(await readToEnd(entries)).toEqual([]);
      return valueOf(ended);
    };
    expect(await refused(list('file'))).toEqual(err('not-directory'));
    expect(await refused(files.on('read-directory') as Via)).toEqual(err('not-permitted'));
    expect(files.refusals).toEqual(['denied read-directory /']);
  });
});
