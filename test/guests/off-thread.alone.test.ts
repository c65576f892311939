import { closeSync, openSync, readdirSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { openGuest, runGuest, WASI_VERSIONS } from '../support/guest-run.ts';
import { type HostTree, hostTree } from '../support/host-tree.ts';
import { hostMount } from '../support/mounts.ts';

const MIB = 1 << 20;

function bytesOf(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 4096) bytes.fill((at >> 12) * 7, at, at + 4096);
  return bytes;
}

function largeFile(tree: HostTree, mebibytes: number): void {
  const fd = openSync(join(tree.path, 'file'), 'w');
  writeSync(fd, bytesOf(mebibytes * MIB));
  closeSync(fd);
}

/** Counts the turns of the event loop that a timer gets while `work` is under way. */
async function beatsDuring(work: Promise<unknown>): Promise<number> {
  let beats = 0;
  const timer = setInterval(() => void beats++, 1);
  try {
    await work;
  } finally {
    clearInterval(timer);
  }
  return beats;
}

describe.each(WASI_VERSIONS)('large files of the host (WASI %s)', (_version, kind) => {
  test('are read without holding up the host', async () => {
    using tree = hostTree({});
    largeFile(tree, 64);
    const open = await openGuest('large', kind, {
      ...hostMount(tree.path, 'read'),
      line: 'read /m/file 4',
    });
    const running = open.run();
    const beats = await beatsDuring(running);
    const run = await running;
    expect([run.exitCode, run.value('read'), run.value('pread')]).toEqual([0, String(64 * MIB), '0']);
    // 256 MiB in pieces of 1 MiB; on the thread there would be no beat at all.
    expect(beats).toBeGreaterThan(20);
    expect(run.usage.fileBytesRead).toBeGreaterThan(4 * 64 * MIB - 1);
  });

  test('are written, and appended to, byte for byte', async () => {
    using tree = hostTree({});
    const run = await runGuest('large', kind, {
      ...hostMount(tree.path, 'read-write'),
      line: 'write /m/new 3',
    });
    expect([run.exitCode, ...run.lines]).toEqual([
      0,
      'open=0',
      `write=${3 * MIB}`,
      `position=${3 * MIB}`,
      'pwrite=0',
      'append=1',
      'end=1',
    ]);
    const content = readFileSync(join(tree.path, 'new'));
    expect(content.subarray(0, 3 * MIB).equals(bytesOf(3 * MIB))).toBe(true);
    expect(content.length).toBeGreaterThan(3 * MIB);
  });

  test('leave no descriptor and no crash when the instance is closed in the middle', async () => {
    using tree = hostTree({});
    largeFile(tree, 64);
    const descriptors = (): number => readdirSync('/proc/self/fd').length;
    const before = descriptors();
    for (const wait of [0, 2, 10]) {
      const open = await openGuest('large', kind, {
        ...hostMount(tree.path, 'read'),
        line: 'read /m/file 1000',
      });
      const run = open.instance.run();
      await delay(wait);
      await open.instance.close();
      expect((await run).outcome.kind).toBe('cancelled');
    }
    for (let i = 0; i < 200 && descriptors() > before; i++) await delay(10);
    expect(descriptors()).toBe(before);
    expect(statSync(join(tree.path, 'file')).size).toBe(64 * MIB);
  });
});
