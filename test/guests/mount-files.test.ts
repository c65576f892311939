import { readFileSync } from 'node:fs';
import { unpackTar } from 'modern-tar';
import { describe, expect, it } from 'vitest';
import { AuditError, AuditLog, loadImage, type MountFiles } from '../../src/index.ts';
import { type OpenGuest, openGuest, WASI_VERSIONS } from '../support/guest-run.ts';
import { contents, hostTree } from '../support/host-tree.ts';
import { hostMount, memoryMount } from '../support/mounts.ts';

const LINE =
  'write /m/new made + write /m/kept changed + unlink /m/gone + mkdir /m/dir/sub + write /m/dir/sub/deep down + symlink kept /m/link';

const TREE = { kept: 'as it was', gone: 'soon', same: 'same', dir: { old: 'old' } };

const CHANGES = [
  ['added', 'dir/sub', 'directory'],
  ['added', 'dir/sub/deep', 'regular-file'],
  ['removed', 'gone', 'regular-file'],
  ['modified', 'kept', 'regular-file'],
  ['added', 'link', 'symbolic-link'],
  ['added', 'new', 'regular-file'],
];

const ACCESS = ['read', 'list', 'create', 'write', 'delete', 'symlink'];

function overlayOf(lower: object, upper: object = { memory: {} }): Record<string, unknown> {
  return { filesystem: [{ id: 'm', mount: '/m', overlay: { lower, upper }, access: ACCESS }] };
}

async function ended(guest: OpenGuest): Promise<MountFiles> {
  expect((await guest.run()).exitCode).toBe(0);
  return guest.instance.files('m');
}

async function changesOf(files: MountFiles): Promise<string[][]> {
  return (await files.changes()).map(({ kind, path, type }) => [kind, path, type]);
}

describe.each(WASI_VERSIONS)('WASI %s: what a program changed in an overlay', (_version, kind) => {
  it('is listed, and the host directory below takes it when it is accepted', async () => {
    using tree = hostTree(TREE);
    const before = tree.snapshot();
    const guest = await openGuest('filesystem', kind, {
      grant: overlayOf({ host: 'tree' }),
      bindings: { directories: { tree: tree.path } },
      line: LINE,
    });
    const files = await ended(guest);
    expect(await changesOf(files)).toEqual(CHANGES);
    expect(tree.snapshot()).toEqual(before);
    expect((await files.acceptChanges()).map(({ path }) => path)).toEqual(CHANGES.map(([, path]) => path));
    expect(contents(tree)).toEqual({
      'dir/': '',
      'dir/old': 'old',
      'dir/sub/': '',
      'dir/sub/deep': 'down',
      kept: 'changed',
      link: '-> kept',
      new: 'made',
      same: 'same',
    });
    expect(await files.changes()).toEqual([]);
    const actions = guest
      .records()
      .flatMap((record) => (record.kind === 'embedder-access' ? record.action : []));
    expect(actions).toEqual(['list-changes', 'accept-changes', 'list-changes']);
  });

  it('goes with the instance when nobody accepts it', async () => {
    using tree = hostTree(TREE);
    const before = tree.snapshot();
    const guest = await openGuest('filesystem', kind, {
      grant: overlayOf({ host: 'tree' }),
      bindings: { directories: { tree: tree.path } },
      line: LINE,
    });
    await guest.run();
    await guest.instance.close();
    expect(tree.snapshot()).toEqual(before);
  });

  it('is an OCI layer as an archive; over an image there is nothing to accept it', async () => {
    const image = await loadImage(await imageBytes());
    const guest = await openGuest('filesystem', kind, {
      grant: overlayOf({ image: 'app' }),
      bindings: { images: { app: image } },
      line: LINE,
    });
    const files = await ended(guest);
    expect(await changesOf(files)).toEqual(CHANGES);
    const names = (await unpackTar(await files.changesToTar())).map(({ header }) => header.name);
    expect(names).toEqual(expect.arrayContaining(['kept', 'new', '.wh.gone', 'dir/sub/deep']));
    expect(names).not.toContain('same');
    await expect(files.acceptChanges()).rejects.toMatchObject({ code: 'BW_FILES_LOWER' });
  });

  it('can lie in a host directory', async () => {
    using lower = hostTree(TREE);
    using upper = hostTree({});
    const guest = await openGuest('filesystem', kind, {
      grant: overlayOf({ host: 'lower' }, { host: 'upper' }),
      bindings: { directories: { lower: lower.path, upper: upper.path } },
      line: LINE,
    });
    expect(await changesOf(await ended(guest))).toEqual(CHANGES);
    expect(readFileSync(`${upper.path}/kept`, 'utf8')).toBe('changed');
  });
});

describe.each(WASI_VERSIONS)('WASI %s: files of a memory mount', (_version, kind) => {
  const line = 'write /m/a text + mkdir /m/empty + symlink a /m/link';

  it('are exported when the instance has ended, and make the next one', async () => {
    const files = await ended(await openGuest('filesystem', kind, { ...memoryMount(ACCESS), line }));
    expect(await files.toFiles()).toEqual({ a: 'text', empty: null, link: { symlink: 'a' } });
    const again = await openGuest('filesystem', kind, {
      ...memoryMount('read', { memory: { from: { files: await files.toFiles() } } }),
      line: 'read /m/link',
    });
    expect((await again.run()).value('data')).toBe('text');
    const image = await loadImage(await files.toTar());
    expect(image.files).toBe(3);
    await expect(files.changes()).rejects.toMatchObject({ code: 'BW_FILES_NO_OVERLAY' });
  });

  it('are exported while it runs, and although the grant was taken back', async () => {
    const stdin = Promise.withResolvers<string>();
    const guest = await openGuest('filesystem', kind, {
      ...memoryMount(ACCESS),
      line: `${line} + wait`,
      stdin: (async function* () {
        yield await stdin.promise;
      })(),
    });
    const running = guest.run();
    while (!guest.stdout.text().includes('waiting')) await new Promise((tick) => setTimeout(tick, 1));
    guest.instance.revoke('m');
    expect(Object.keys(await guest.instance.files('m').toFiles())).toEqual(['a', 'empty', 'link']);
    await expect(guest.instance.files('m').acceptChanges()).rejects.toMatchObject({
      code: 'BW_INSTANCE_BUSY',
    });
    stdin.resolve('!');
    await running;
  });
});

describe('files of a mount', () => {
  it('are those of a filesystem rule', async () => {
    const { instance } = await openGuest('nothing', 'module', memoryMount('read'));
    expect(() => instance.files('stdio/stdout')).toThrow(
      expect.objectContaining({ code: 'BW_GRANT_UNKNOWN', message: expect.stringContaining('it has m') }),
    );
    await instance.close();
  });

  it('stay closed when their use cannot be recorded', async () => {
    using tree = hostTree({ a: 'x' });
    const audit = new AuditLog();
    const { instance } = await openGuest('nothing', 'module', { ...hostMount(tree.path, 'read'), audit });
    await instance.close();
    audit.close();
    await expect(instance.files('m').toTar()).rejects.toThrow(AuditError);
  });
});

/** An archive of the tree. */
async function imageBytes(): Promise<Uint8Array> {
  const files = { kept: 'as it was', gone: 'soon', same: 'same', 'dir/old': 'old' };
  const maker = await openGuest('nothing', 'module', memoryMount('read', { memory: { from: { files } } }));
  await maker.run();
  return maker.instance.files('m').toTar();
}
