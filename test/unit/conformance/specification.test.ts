import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSpecification, type Specification } from '../../../scripts/conformance/specification.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bailiwick-specification-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(json: unknown): Promise<Specification> {
  const file = join(folder, 'test.json');
  await writeFile(file, typeof json === 'string' ? json : JSON.stringify(json));
  return readSpecification(file);
}

const DEFAULTS = {
  args: [],
  env: {},
  root: undefined,
  exitCode: 0,
  stdout: { text: '', extent: 'start' },
  stderr: { text: '', extent: 'start' },
};

test('a test without a file has the defaults', async () => {
  expect(await readSpecification(join(folder, 'none.json'))).toEqual(DEFAULTS);
});

describe('the form that is one object', () => {
  test('says everything', async () => {
    const json = {
      args: ['a b'],
      root: 'fs',
      env: { A: 'x\ny' },
      exit_code: 3,
      stdout: 'out',
      stderr: 'err',
    };
    expect(await read(json)).toEqual({
      args: ['a b'],
      env: { A: 'x\ny' },
      root: join(folder, 'fs'),
      exitCode: 3,
      stdout: { text: 'out', extent: 'whole' },
      stderr: { text: 'err', extent: 'start' },
    });
  });

  test('may say nothing', async () => expect(await read({})).toEqual(DEFAULTS));
  test('asks for silence where it says so', async () =>
    expect(await read({ stdout: '' })).toEqual({ ...DEFAULTS, stdout: { text: '', extent: 'whole' } }));
});

describe('the form with operations', () => {
  test('runs, reads and waits', async () => {
    const operations = [
      { type: 'run', args: ['x'], env: { A: '1' }, root: 'fs' },
      { type: 'read', payload: 'one ' },
      { type: 'read', id: 'stderr', payload: 'err' },
      { type: 'read', id: 'stdout', payload: 'two' },
      { type: 'wait', exit_code: 7 },
    ];
    expect(await read({ operations })).toEqual({
      args: ['x'],
      env: { A: '1' },
      root: join(folder, 'fs'),
      exitCode: 7,
      stdout: { text: 'one two', extent: 'start' },
      stderr: { text: 'err', extent: 'start' },
    });
  });

  test('without operations runs and waits', async () => {
    expect(await read({ proposals: [] })).toEqual(DEFAULTS);
  });
});

const RUN = { type: 'run' };
const WAIT = { type: 'wait' };

test.each<[string, unknown, string]>([
  ['no JSON', '{', 'the file is no JSON'],
  ['a list', [], 'the file is no object'],
  ['both forms', { args: [], operations: [] }, 'the file has what this runner does not know: args'],
  ['an unknown key', { dirs: [] }, 'the file has what this runner does not know: dirs'],
  ['numbers as arguments', { args: [1] }, '`args` is no list of strings'],
  ['numbers as variables', { env: { A: 1 } }, '`env` has values that are no strings'],
  ['a wrong root', { root: 1 }, '`root` is no string'],
  ['a wrong exit code', { exit_code: '0' }, '`exit_code` is no integer'],
  ['a wrong text', { stdout: 1 }, '`stdout` is no string'],
  ['a proposal', { proposals: ['http'] }, 'proposals ["http"] is nothing that this runner can do'],
  ['another world', { world: 'wasi:http/service' }, 'world "wasi:http/service" is nothing'],
  ['no wait', { operations: [RUN] }, 'do not start with `run` and end with `wait`'],
  ['no run', { operations: [WAIT] }, 'do not start with `run` and end with `wait`'],
  ['a connection', { operations: [RUN, { type: 'connect' }, WAIT] }, 'operation "connect" is nothing'],
  ['two runs', { operations: [RUN, WAIT, RUN, WAIT] }, 'operation "wait" is nothing'],
  [
    'another stream',
    { operations: [RUN, { type: 'read', id: 'fd3' }, WAIT] },
    'id of `read` "fd3" is nothing',
  ],
  [
    'an unknown field',
    { operations: [{ ...RUN, dirs: [] }, WAIT] },
    '`run` has what this runner does not know',
  ],
  ['operations that are none', { operations: [1] }, 'an operation is no object'],
  ['operations that are no list', { operations: 1 }, '`operations` is no list'],
])('%s is an error that says so', async (_what, json, message) => {
  await expect(read(json)).rejects.toMatchObject({
    name: 'SpecificationError',
    message: expect.stringContaining(message),
  });
});
