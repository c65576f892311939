import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WASI_VERSIONS } from '../support/guest-run.ts';
import { attack, attackTree, codes } from './attack.ts';

const OPENS = [
  'open',
  'open-write',
  'open-truncate',
  'open-create',
  'open-create-nofollow',
  'open-directory',
];

function tries(path: string): string[] {
  return [...OPENS, 'open-exclusive', 'stat', 'lstat', 'readlink'].flatMap((call) => [call, path]);
}

describe.each(WASI_VERSIONS)('special files in a host directory (WASI %s)', (_version, kind) => {
  it('a FIFO without a reader or writer holds nobody up', async () => {
    using tree = attackTree({ link: '-> fifo' });
    execFileSync('mkfifo', [join(tree.path, 'mount/fifo')]);
    for (const path of ['fifo', 'link']) {
      const started = performance.now();
      const run = await attack(kind, tree, { args: tries(path) });
      expect(run.exitCode).toBe(0);
      expect(performance.now() - started).toBeLessThan(5000);
      for (const call of OPENS.filter((each) => path === 'fifo' || !each.endsWith('nofollow'))) {
        expect([call, codes(run).get(call)]).toEqual([
          call,
          expect.stringMatching(/^E(NXIO|NOTSUP|PERM|INVAL|NOTDIR|ACCES)$/),
        ]);
      }
    }
  });

  it('a FIFO with a writer gives nothing away', async () => {
    using tree = attackTree({});
    const fifo = join(tree.path, 'mount/fifo');
    execFileSync('mkfifo', [fifo]);
    // Opens for reading and writing, so that neither end waits, and leaves bytes in it.
    const fd = openSync(fifo, 'r+');
    writeSync(fd, 'piped');
    const run = await attack(kind, tree, { args: tries('fifo') });
    expect(run.stdout).not.toContain('piped');
    const left = Buffer.alloc(16);
    expect(left.subarray(0, readSync(fd, left)).toString()).toBe('piped');
    closeSync(fd);
  });

  it('a socket is not talked to', async () => {
    using tree = attackTree({});
    const talked: unknown[] = [];
    const server = createServer((socket) => void talked.push(socket)).listen(join(tree.path, 'mount/socket'));
    await once(server, 'listening');
    const run = await attack(kind, tree, { args: tries('socket') });
    for (const call of OPENS) expect(codes(run).get(call)).toMatch(/^E/);
    const listed = await attack(kind, tree, {
      program: 'filesystem',
      args: 'readdir /m + stat /m/socket'.split(' '),
    });
    expect([listed.exitCode, listed.value('stat')]).toEqual([0, '0']);
    await new Promise((done) => void server.close(done));
    expect(talked).toEqual([]);
  });
});
