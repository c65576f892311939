import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Result } from '../../../../shims/canonical-abi/values.ts';
import { type DescriptorStat, DescriptorFlags, OpenFlags } from '../../../../shims/preview3/wit.ts';
import { Context as OlderContext } from '../../../../shims/preview2/context.ts';
import { HostVolume } from '../../../../src/ambient/host-volume.ts';
import { ErrorCode } from '../../../../src/virtual/error-code.ts';
import { DescriptorFlags as VirtualFlags } from '../../../../src/virtual/filesystem/descriptor.ts';
import { OpenFlags as VirtualOpenFlags } from '../../../../src/virtual/filesystem/descriptor.ts';
import { failed } from '../../../../shims/preview3/filesystem/error-code.ts';
import { readToEnd, valueOf } from '../../../support/component-streams.ts';
import { Files, FOLLOW, NOFOLLOW, RW } from './files.ts';

const OK = { tag: 'ok' };
const err = (tag: string): object => ({ tag: 'err', val: { tag } });
const NO_CHANGE = { tag: 'no-change' };

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bailiwick-p3-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const VOLUMES = {
  memory: (): Files => new Files({ clocks: 'virtual' }),
  host: (): Files =>
    new Files({ clocks: 'virtual', mounts: [{ path: '/', volume: new HostVolume(directory) }] }),
};

test('the bits of flags are those of the file system', () => {
  expect(DescriptorFlags).toEqual(VirtualFlags);
  expect(OpenFlags).toEqual(VirtualOpenFlags);
});

test('every error has a case', () => {
  const cases = Object.values(ErrorCode).map((code) => failed(code).val);
  const named = cases.filter(({ tag }) => tag !== 'other');
  expect(cases.filter(({ tag }) => tag === 'other')).toEqual([{ tag: 'other', val: 'would-block' }]);
  // Too many handles are, as in 0.2, insufficient memory.
  expect(new Set(named.map(({ tag }) => tag)).size).toBe(named.length - 1);
  expect(failed(ErrorCode.tooManyHandles).val).toEqual({ tag: 'insufficient-memory' });
  expect(failed(12_345).val).toEqual({ tag: 'io' });
});

describe.each(Object.entries(VOLUMES))('on a %s volume', (_name, make) => {
  let files: Files;
  beforeEach(() => {
    files = make();
  });
  afterEach(() => {
    files.caller.context.end(new Error('over'));
    files.test.host.filesystem.closeAll();
    expect(files.test.host.meter.handles).toBe(0);
  });

  test('a descriptor says what it is', () => {
    const file = files.create('file');
    expect(files.caller.on(file, 'get-flags')).toEqual({ tag: 'ok', val: RW });
    expect(files.caller.on(file, 'get-type')).toEqual({ tag: 'ok', val: { tag: 'regular-file' } });
    expect(files.on('get-type')).toEqual({ tag: 'ok', val: { tag: 'directory' } });
    expect(files.on('get-flags')).toEqual({
      tag: 'ok',
      val: DescriptorFlags.read | DescriptorFlags.mutateDirectory,
    });
    expect(files.caller.on(file, 'advise', 0n, 1n, 'random')).toEqual(OK);
    expect(files.on('advise', 0n, 1n, 'random')).toEqual(err('bad-descriptor'));
  });

  test('sizes and times are set and shown', () => {
    const file = files.create('file');
    expect(files.caller.on(file, 'set-size', 42n)).toEqual(OK);
    expect(files.caller.on(file, 'set-size', 2n ** 64n - 1n)).toEqual(err('invalid'));
    const at = { tag: 'timestamp', val: { seconds: 42n, nanoseconds: 7 } };
    expect(files.caller.on(file, 'set-times', at, NO_CHANGE)).toEqual(OK);
    const stat = files.caller.on(file, 'stat') as Result<DescriptorStat>;
    expect(stat).toMatchObject({
      tag: 'ok',
      val: { type: { tag: 'regular-file' }, linkCount: 1n, size: 42n, dataAccessTimestamp: at.val },
    });
    expect(files.on('stat-at', NOFOLLOW, 'file')).toEqual(stat);
    expect(files.on('set-times-at', NOFOLLOW, 'file', NO_CHANGE, at)).toEqual(OK);
    expect(files.on('stat-at', NOFOLLOW, 'file')).toMatchObject({
      val: { dataModificationTimestamp: at.val },
    });
    expect(files.on('set-times-at', NOFOLLOW, 'file', { tag: 'now' }, { tag: 'now' })).toEqual(OK);
    const now = { seconds: 0n, nanoseconds: 0 };
    expect(files.on('stat-at', NOFOLLOW, 'file')).toMatchObject({ val: { dataAccessTimestamp: now } });
    expect(files.caller.on(file, 'sync')).toEqual(OK);
    expect(files.caller.on(file, 'sync-data')).toEqual(OK);
  });

  test('names are made, renamed, linked and removed', async () => {
    files.create('file');
    expect(files.on('create-directory-at', 'd')).toEqual(OK);
    expect(files.on('create-directory-at', 'd')).toEqual(err('exist'));
    const d = files.open('d', OpenFlags.directory);
    expect(files.on('rename-at', 'file', d, 'moved')).toEqual(OK);
    expect(files.on('link-at', NOFOLLOW, 'd/moved', files.root, 'link')).toEqual(OK);
    expect(files.on('link-at', FOLLOW, 'd/moved', files.root, 'other')).toEqual(err('invalid'));
    expect(files.on('symlink-at', 'd/moved', 'symlink')).toEqual(OK);
    expect(files.on('symlink-at', '/etc/passwd', 'out')).toEqual(err('not-permitted'));
    expect(files.on('readlink-at', 'symlink')).toEqual({ tag: 'ok', val: 'd/moved' });
    expect(files.on('readlink-at', 'link')).toEqual(err('invalid'));
    expect(files.on('stat-at', NOFOLLOW, 'symlink')).toMatchObject({
      val: { type: { tag: 'symbolic-link' } },
    });
    expect(files.on('stat-at', FOLLOW, 'symlink')).toMatchObject({ val: { type: { tag: 'regular-file' } } });
    const [entries, ended] = files.on('read-directory') as Parameters<typeof listed>;
    expect(await listed(entries, ended)).toEqual([
      'd directory',
      'link regular-file',
      'symlink symbolic-link',
    ]);
    expect(files.on('remove-directory-at', 'd')).toEqual(err('not-empty'));
    for (const name of ['d/moved', 'link', 'symlink'])
      expect(files.on('unlink-file-at', name), name).toEqual(OK);
    expect(files.on('unlink-file-at', 'd')).toEqual(err('is-directory'));
    expect(files.on('remove-directory-at', 'd')).toEqual(OK);
    expect(files.on('open-at', FOLLOW, 'd', 0, 1)).toEqual(err('no-entry'));
    expect(files.on('open-at', FOLLOW, '../d', 0, 1)).toEqual(err('not-permitted'));
  });

  test('one object is itself, whatever its name, and its hash says so', () => {
    const [a, b] = [files.create('a'), files.create('b')];
    files.on('link-at', NOFOLLOW, 'a', files.root, 'c');
    const c = files.open('c');
    expect([files.caller.on(a, 'is-same-object', c), files.caller.on(a, 'is-same-object', b)]).toEqual([
      true,
      false,
    ]);
    const hash = files.caller.on(a, 'metadata-hash');
    expect(hash).toMatchObject({ tag: 'ok', val: { lower: expect.any(BigInt), upper: expect.any(BigInt) } });
    expect(files.on('metadata-hash-at', NOFOLLOW, 'c')).toEqual(hash);
    expect(files.on('metadata-hash-at', NOFOLLOW, 'b')).not.toEqual(hash);
    expect(files.on('metadata-hash-at', NOFOLLOW, 'none')).toEqual(err('no-entry'));
  });

  test('a descriptor counts as a handle until it is dropped', () => {
    const { meter } = files.test.host;
    const file = files.create('file');
    expect(meter.handles).toBe(1);
    files.caller.drop(file);
    expect(meter.handles).toBe(0);
    expect(files.caller.on(file, 'stat')).toEqual(err('bad-descriptor'));
  });
});

async function listed(
  entries: Parameters<typeof readToEnd>[0],
  ended: Parameters<typeof valueOf>[0],
): Promise<string[]> {
  const found = await readToEnd<{ type: { tag: string }; name: string }>(entries, 2);
  expect(await valueOf(ended)).toEqual(OK);
  return found.map(({ name, type }) => `${name} ${type.tag}`).toSorted();
}

describe('what the policy says', () => {
  test('denies what the access words leave out, on record', () => {
    const files = new Files({ mounts: [{ path: '/', access: ['read'], content: { file: 'x' } }] });
    expect(files.on('create-directory-at', 'd')).toEqual(err('read-only'));
    expect(files.on('unlink-file-at', 'file')).toEqual(err('read-only'));
    const kinds = files.test.records
      .filter(({ kind }) => kind === 'denied')
      .map(({ request }) => request.operation);
    expect(kinds).toEqual(['create-directory-at', 'unlink-file-at']);
  });

  test('takes back what is open', () => {
    const files = new Files({ mounts: [{ path: '/', content: { file: 'x' } }] });
    const file = files.open('file');
    files.test.host.guard.revoke(files.root.grant);
    expect(files.caller.on(file, 'stat')).toEqual(err('not-permitted'));
    expect(files.on('stat-at', NOFOLLOW, 'file')).toEqual(err('not-permitted'));
  });

  test('bounds handles, on record', () => {
    const files = new Files({ mounts: [{ path: '/', content: { file: 'x' } }], limits: { handles: 2 } });
    const first = files.open('file');
    files.open('file');
    expect(files.on('open-at', FOLLOW, 'file', 0, 1)).toEqual(err('insufficient-memory'));
    expect(files.test.records.at(-1)).toMatchObject({ kind: 'limited', grant: 'limits.handles' });
    files.caller.drop(first);
    files.open('file');
  });
});

test('every call for the preopens gives handles of its own, and only the first ones are free', () => {
  const files = new Files({ mounts: [{ path: '/' }], limits: { handles: 1 } });
  const { meter } = files.test.host;
  expect(meter.handles).toBe(0);
  const again = files.caller.root();
  expect([again === files.root, meter.handles]).toEqual([false, 1]);
  expect(() => files.caller.root()).toThrow('too many handles');
  files.caller.drop(files.root);
  expect(files.caller.on(again, 'stat')).toMatchObject({ tag: 'ok' });
  files.caller.drop(again);
  expect(meter.handles).toBe(0);
});

test('a component of both versions has preopens for each, and does not close those of one with the other', () => {
  const files = new Files({ mounts: [{ path: '/' }] });
  const older = new OlderContext(files.test.host);
  const [first] = older.preopens();
  expect([first?.descriptor === files.root, files.handles]).toEqual([false, 1]);
  older.end(new Error('over'));
  if (first !== undefined) older.releaseDescriptor(first.descriptor);
  expect([files.caller.on(files.root, 'stat'), files.handles]).toMatchObject([{ tag: 'ok' }, 0]);
});
