/** One policy, one program: the same results, denials and records, whichever WASI the program was built for. */
import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../src/index.ts';
import { ACCESS_WORDS } from '../../src/policy/index.ts';
import { type GuestKind, type GuestRun, runGuest, WASI_VERSIONS } from '../support/guest-run.ts';
import { hostTree } from '../support/host-tree.ts';
import { hostMount } from '../support/mounts.ts';

const TREE = { file: 'hello', dir: { inner: 'inner', sub: {} }, link: '-> file', up: '-> ../..' };

/**
 * What the versions themselves differ in, and so does the log: how many uses one call of libc makes (0.2 and 0.3 ask for the
 * type, the flags and the hash of what 0.1 gives at once), which also order the uses; numbers of handles; times.
 */
const DECISIVE = new Set(['denial', 'limit']);

const SCRIPTS: readonly (readonly [
  program: string,
  line: string,
  access: readonly string[],
  rule?: object,
])[] = [
  [
    'filesystem',
    'write /m/a hello + append /m/a x + read /m/a + stat /m/file + readdir /m/dir',
    ACCESS_WORDS,
  ],
  [
    'filesystem',
    'mkdir /m/n + rename /m/file /m/n/f + link /m/n/f /m/l + unlink /m/l + rmdir /m/dir',
    ACCESS_WORDS,
  ],
  [
    'filesystem',
    'symlink file /m/s + readlink /m/s + readlink /m/file + lstat /m/s + utimens /m/file 5 6',
    ACCESS_WORDS,
  ],
  [
    'filesystem',
    'write /m/a x + mkdir /m/n + unlink /m/file + rename /m/file /m/g + read /m/file',
    ['read', 'list'],
  ],
  ['filesystem', 'read /m/file + readdir /m + write /m/log x + append /m/log y', ['create', 'append']],
  [
    'filesystem',
    'read /m/up/etc/passwd + read /m/../etc/passwd + read /etc/passwd + read /m/none',
    ACCESS_WORDS,
  ],
  ['filesystem', 'write /m/a 0123456789 + write /m/b 0123456789', ACCESS_WORDS, { quota: { bytes: 25 } }],
  ['filesystem', 'mkdir /m/e + mkdir /m/f + stat /m/f', ACCESS_WORDS, { quota: { directories: 4 } }],
];

async function run(kind: GuestKind, script: (typeof SCRIPTS)[number]): Promise<GuestRun> {
  using tree = hostTree(TREE);
  const [program, line, access, rule] = script;
  const { grant, ...bound } = hostMount(tree.path, access);
  const [mount] = (grant as { filesystem: object[] }).filesystem;
  return await runGuest(program, kind, { ...bound, grant: { filesystem: [{ ...mount, ...rule }] }, line });
}

/** The records that say what was refused, without what no two runs share. */
function decisions(records: readonly AuditRecord[]): object[] {
  return records
    .filter(({ kind }) => DECISIVE.has(kind))
    .map(({ seq: _seq, time: _time, monotonic: _monotonic, instance: _instance, ...rest }) => rest);
}

/** What was granted, and what of it was used at all. */
function uses(ended: GuestRun): object {
  const [opened] = ended.of('instance-opened');
  const [closed] = ended.of('instance-closed');
  const used = Object.entries(closed?.uses ?? {}).filter(([, count]) => count > 0);
  return { granted: opened?.grants, used: used.map(([id]) => id), outcome: closed?.outcome };
}

describe.each(SCRIPTS.map((script) => ({ script, line: script[1] })))('$line', ({ script }) => {
  it('is the same on 0.1, 0.2 and 0.3', async () => {
    const [first, ...others] = await Promise.all(WASI_VERSIONS.map(([, kind]) => run(kind, script)));
    for (const other of others) {
      expect(other.lines.filter(isSame)).toEqual(first?.lines.filter(isSame));
      expect([other.exitCode, other.stderr]).toEqual([first?.exitCode, first?.stderr]);
      expect(decisions(other.records)).toEqual(decisions(first?.records ?? []));
      expect(uses(other)).toEqual(uses(first as GuestRun));
    }
  });
});

/** Not the time of a file, which is that of its run. */
function isSame(line: string): boolean {
  return !/^(atime|mtime|inode)=/.test(line);
}
