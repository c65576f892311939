import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AuditLog, type BindingError } from '../../src/index.ts';
import { type GuestOptions, openGuest, runGuest, WASI_VERSIONS } from '../support/guest-run.ts';
import { hostTree } from '../support/host-tree.ts';

const mount = (name: string, at: string): object => ({ mount: at, host: name, access: 'read' });

async function failure(options: GuestOptions): Promise<BindingError> {
  const audit = new AuditLog();
  const error = await openGuest('filesystem', 'module', { ...options, audit }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  // What could not be bound never became an instance.
  expect(audit.records.filter(({ kind }) => kind === 'instance-opened')).toEqual([]);
  return error as BindingError;
}

describe('names that the embedder does not bind', () => {
  it('are an error that lists all of them', async () => {
    const error = await failure({
      grant: {
        filesystem: [mount('templates', '/t'), mount('bound', '/b'), mount('constructor', '/c')],
        environment: { TOKEN: { from: 'host' }, toString: { from: 'host' }, LITERAL: 'x' },
      },
      bindings: { directories: { bound: '/tmp' } },
    });
    expect(error.code).toBe('BW_BINDING_MISSING');
    expect(error.message.match(/"[a-z]+"|environment\/\w+/gi)).toEqual([
      '"templates"',
      '"constructor"',
      'environment/TOKEN',
      'environment/toString',
    ]);
  });

  it('a literal path is not a name, and needs the embedder to say so', async () => {
    const error = await failure({ grant: { filesystem: [mount('/etc', '/t')] } });
    expect(error.code).toBe('BW_BINDING_MISSING');
    const relative = await failure({
      grant: { filesystem: [mount('./data', '/t')] },
      bindings: { directories: { './data': '/tmp' } },
    });
    expect(relative.code).toBe('BW_BINDING_MISSING');
  });

  it('a directory that is not there, or is no directory, is an error without its path', async () => {
    using tree = hostTree({ file: 'a file' });
    for (const name of ['absent', 'file']) {
      const path = join(tree.path, name);
      const error = await failure({
        grant: { filesystem: [mount('tree', '/t')] },
        bindings: { directories: { tree: path } },
      });
      expect(error.code).toBe('BW_BINDING_DIRECTORY');
      expect(`${error.message} ${error.hint}`).not.toContain(tree.path);
    }
  });
});

describe.each(WASI_VERSIONS)('WASI %s: a bound directory', (_version, kind) => {
  it('by a literal path, relative to where the embedder says', async () => {
    using tree = hostTree({ data: { a: 'found' } });
    const run = await runGuest('filesystem', kind, {
      grant: { filesystem: [mount('./data', '/d')] },
      bindings: { hostPaths: { relativeTo: tree.path } },
      line: 'read /d/a',
    });
    expect(run.value('data')).toBe('found');
    // A literal path is the host's business: the log has none.
    expect(JSON.stringify(run.records)).not.toMatch(/bailiwick-tree|\.\/data/);
  });

  it('stays the directory that it was when the instance opened', async () => {
    using tree = hostTree({ data: { a: 'first' } });
    const { run } = await openGuest('filesystem', kind, {
      grant: { filesystem: [mount('tree', '/d')] },
      bindings: { directories: { tree: join(tree.path, 'data') } },
      line: 'read /d/a',
    });
    renameSync(join(tree.path, 'data'), join(tree.path, 'old'));
    mkdirSync(join(tree.path, 'data'));
    writeFileSync(join(tree.path, 'data/a'), 'second');
    expect((await run()).value('data')).toBe('first');
  });

  it('can be shared: what one instance writes, another reads', async () => {
    using tree = hostTree({});
    const options = (access: string): GuestOptions => ({
      grant: { filesystem: [{ mount: '/d', host: 'tree', access }] },
      bindings: { directories: { tree: tree.path } },
    });
    await runGuest('filesystem', kind, { ...options('read-write'), line: 'write /d/a shared' });
    expect(
      (await runGuest('filesystem', kind, { ...options('read'), line: 'read /d/a' })).value('data'),
    ).toBe('shared');
  });

  it('that is removed under the guest gives errors, not more', async () => {
    const tree = hostTree({ a: 'a' });
    const { run } = await openGuest('filesystem', kind, {
      grant: { filesystem: [{ mount: '/d', host: 'tree', access: 'read-write' }] },
      bindings: { directories: { tree: tree.path } },
      line: 'read /d/a + write /d/b x + readdir /d',
    });
    tree[Symbol.dispose]();
    const result = await run();
    expect(result.exitCode).toBe(0);
    expect(result.value('read')).toBe('ENOENT');
    expect(result.value('write')).toBe('ENOENT');
  });
});

describe('what cannot be used', () => {
  const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

  it('is named by its rule, and leaves no directory of an earlier rule open', async () => {
    using tree = hostTree({ there: {} });
    const before = openDescriptors();
    const error = await failure({
      grant: {
        filesystem: [
          { ...mount('there', '/a'), id: 'first' },
          { ...mount('gone', '/b'), id: 'second' },
        ],
      },
      bindings: { directories: { there: join(tree.path, 'there'), gone: join(tree.path, 'gone') } },
    });
    expect(error).toMatchObject({
      code: 'BW_BINDING_DIRECTORY',
      message: expect.stringContaining('rule "second"'),
    });
    expect(error.message).not.toContain(tree.path);
    expect(openDescriptors()).toBe(before);
  });

  it('is no directory to copy when it is an archive, which `image` is for', async () => {
    using tree = hostTree({ 'seed.tar': '\0'.repeat(1024) });
    const error = await failure({
      grant: {
        filesystem: [{ mount: '/m', memory: { from: { host: 'seed' } }, access: 'read', id: 'copied' }],
      },
      bindings: { directories: { seed: join(tree.path, 'seed.tar') } },
    });
    expect(error).toMatchObject({
      code: 'BW_BINDING_DIRECTORY',
      message: 'filesystem rule "copied": what is to be copied is no directory',
      hint: expect.stringContaining('`image`'),
    });
  });

  it.each([
    ['stdin', 'a text', 'stdin cannot be a string'],
    ['stdin', 7, 'stdin cannot be of type number'],
    ['stdout', 'inherits', 'stdout has no write()'],
  ])('%s: %j is an error at the start, which does not repeat the value', async (name, value, message) => {
    const error = await failure({
      grant: { stdio: { stdin: true, stdout: true, stderr: true } },
      [name]: value,
    });
    expect(error).toMatchObject({ code: 'BW_BINDING_STREAM', message: expect.stringContaining(message) });
    expect(error.message).not.toContain('a text');
  });
});

describe('a network that the embedder describes wrongly', () => {
  it.each([
    ['BW_BINDING_RESOLVER', { resolver: { servers: ['localhost'] } }],
    ['BW_BINDING_CERTIFICATE', { certificateAuthorities: ['none'] }],
    ['BW_BINDING_PROXY', { proxy: { url: 'ftp://proxy' } }],
  ])('is %s before anything runs', async (code, network) => {
    expect((await failure({ bindings: { network } })).code).toBe(code);
  });
});

describe('a listening socket that the program starts with', () => {
  const listen = { sockets: [{ protocol: 'tcp', listen: '127.0.0.1:1-65535' }] };

  it.each([
    ['that no rule is for', {}, '127.0.0.1:1', 'no rule lets the program listen there'],
    ['that a rule is for another address of', listen, '127.0.0.2:1', 'no rule lets the program listen there'],
    ['whose address is none', listen, 'localhost:1', 'expected an address and a port'],
    ['with a range of ports', listen, '127.0.0.1:1-2', 'expected an address and a port'],
  ])('%s is an error, and on record', async (_, grant, listener, message) => {
    const audit = new AuditLog();
    const opened = openGuest('filesystem', 'module', { grant, bindings: { listeners: [listener] }, audit });
    await expect(opened).rejects.toMatchObject({ code: 'BW_BINDING_LISTENER' });
    await expect(opened).rejects.toThrow(message);
    expect(audit.records.at(-1)).toMatchObject({
      kind: 'instance-closed',
      outcome: { kind: 'denied-at-start', code: 'BW_BINDING_LISTENER' },
    });
  });
});
