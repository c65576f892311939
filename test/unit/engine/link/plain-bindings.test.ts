import { expect, test } from 'vitest';
import { guest } from '../../../guests/index.ts';
import type { TestHostOptions } from '../../../support/host.ts';
import { linkerOf, runWith } from './components.ts';
import { runPlain } from './run-plain.ts';

const content = { 'a.txt': 'hello', 'dir/b.txt': 'b' };

const SCRIPT =
  'write /data/new text + append /data/new more + read /data/new + stat /data/new + readdir /data + rename /data/new /data/dir/new' +
  ' + mkdir /data/sub + rmdir /data/sub + symlink a.txt /data/link + readlink /data/link + lstat /data/link + link /data/a.txt /data/hard' +
  ' + stat /data/hard + unlink /data/hard + utimens /data/a.txt 5.6 7.8 + stat /data/a.txt + open /data/a.txt rw + fstat + pwrite J 0' +
  ' + pread 99 0 + seek 0 set + fread 3 + ftruncate 2 + fstat + fsync + getflags + close + stat /data/none + read /data/dir/new';

test.each<[string, string]>([
  ['filesystem', SCRIPT],
  ['clocks', 'read'],
  ['clocks', 'resolution'],
  ['clocks', 'sleep 1000000'],
  ['random', 'bytes 0'],
  ['process', 'arguments one zwei 三'],
  ['process', 'environment'],
  ['process', 'leave exit 3'],
  ['stdio', 'echo 3'],
  ['stdio', 'describe'],
  ['limits', 'handles /data'],
])("%s %s does the same over jco's JavaScript bindings", async (name, args) => {
  const { component } = await guest(name);
  const options: TestHostOptions = {
    clocks: 'virtual',
    at: 1_700_000_000_000_000_000n,
    args: ['program', ...args.split(' ')],
    env: [['LANG', 'C']],
    mounts: [{ path: '/data', content }],
    limits: { handles: 20 },
    stdin: new TextEncoder().encode('hello world'),
  };
  const { end, stdout } = await runWith(await linkerOf(component), options);
  expect(await runPlain(component, options)).toEqual({ end, stdout });
});
