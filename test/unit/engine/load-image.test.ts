import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { packTar, type TarEntry } from 'modern-tar';
import { describe, expect, test } from 'vitest';
import { type Image, type LoadImageOptions, loadImage } from '../../../src/index.ts';
import { ImageVolume } from '../../../src/virtual/filesystem/image-volume.ts';
import { hostTree } from '../../support/host-tree.ts';
import { zipOf } from '../../support/zip.ts';
import { Guest } from '../virtual/filesystem/guest.ts';

function shown(image: Image): Record<string, string> {
  return guestOf(image).tree();
}

function guestOf(image: Image): Guest {
  return new Guest([{ path: '/', volume: new ImageVolume(image) }]);
}

/** The code of the error, and what it names. */
async function refusal(source: Uint8Array | string, options?: LoadImageOptions): Promise<string> {
  try {
    await loadImage(source, options);
    return 'taken';
  } catch (error) {
    const { name, code, message } = error as { name: string; code: string; message: string };
    return `${name} ${code}: ${message}`;
  }
}

type Header = Partial<TarEntry['header']> & { name: string };

function tar(...members: readonly (Header | [Header, string])[]): Promise<Uint8Array> {
  return packTar(
    members.map((member) => {
      const [header, body = ''] = Array.isArray(member) ? member : [member];
      return { header: { mtime: new Date(5000), ...header, size: Buffer.byteLength(body) }, body };
    }),
  );
}

/** A header of a member without content, whose type is any character. */
async function tarOfType(type: string, name = 'odd'): Promise<Uint8Array> {
  const archive = await tar({ name });
  archive[156] = type.charCodeAt(0);
  archive.fill(32, 148, 156);
  const sum = archive.subarray(0, 512).reduce((a, b) => a + b, 0);
  archive.set(Buffer.from(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
  return archive;
}

const LONG = `${'long/'.repeat(60)}${'name'.repeat(40)}`;

describe('a tar archive', () => {
  test('has files, directories, symlinks and hard links, with their times', async () => {
    const archive = await tar(
      { name: './', type: 'directory', mtime: new Date(1000) },
      { name: './d/', type: 'directory' },
      [{ name: './d/file' }, 'text'],
      [{ name: 'implied/x' }, 'x'],
      { name: 'link', type: 'symlink', linkname: 'd/file' },
      { name: 'hard', type: 'link', linkname: 'd/file' },
      [{ name: LONG }, 'deep'],
    );
    for (const source of [archive, gzipSync(archive)]) {
      const image = await loadImage(source);
      const guest = guestOf(image);
      expect(guest.tree()).toMatchObject({
        'd/': '',
        'd/file': '= text',
        hard: '= text',
        'implied/x': '= x',
        link: '-> d/file',
        [LONG]: '= deep',
      });
      expect(guest.statOf('d/file')).toMatchObject({ modified: 5_000_000_000n, linkCount: 2 });
      expect(guest.statOf('.').modified).toBe(1_000_000_000n);
      expect(guest.statOf('implied').modified).toBe(0n);
      expect(guest.statOf('hard').inode).toBe(guest.statOf('d/file').inode);
    }
  });

  test.skipIf(!hasTar())('of GNU tar and of pax is read alike', async () => {
    using tree = hostTree({ d: { ['n'.repeat(150)]: 'long', f: 'x' }, l: '-> d/f' });
    for (const format of ['gnu', 'pax', 'oldgnu']) {
      const archive = execFileSync('tar', ['-C', tree.path, `--format=${format}`, '-c', '.']);
      expect(shown(await loadImage(archive)), format).toEqual({
        'd/': '',
        'd/f': '= x',
        [`d/${'n'.repeat(150)}`]: '= long',
        l: '-> d/f',
      });
    }
  });

  test('of several members with one name the last one stays', async () => {
    const archive = await tar([{ name: 'a' }, 'first'], [{ name: './a' }, 'last']);
    expect(shown(await loadImage(archive))).toEqual({ a: '= last' });
  });

  test('bytes that the caller changes later do not change the image', async () => {
    const archive = await tar([{ name: 'a' }, 'kept']);
    const image = await loadImage(archive);
    archive.fill(0);
    expect(shown(image)).toEqual({ a: '= kept' });
  });

  test.each<[string, string, (Header | [Header, string])[]]>([
    ['BW_IMAGE_NAME', '"../out"', [{ name: '../out' }]],
    ['BW_IMAGE_NAME', '"a/../b"', [{ name: 'a/../b' }]],
    ['BW_IMAGE_NAME', '"/etc/passwd"', [{ name: '/etc/passwd' }]],
    ['BW_IMAGE_NAME', '"a//b"', [{ name: 'a//b' }]],
    ['BW_IMAGE_NAME', 'nnn', [{ name: 'n'.repeat(256) }]],
    ['BW_IMAGE_NAME', 'x/x/x', [{ name: 'x/'.repeat(2100) + 'y' }]],
    ['BW_IMAGE_NAME', '"nul\\u0000"', [{ name: 'n', pax: { path: 'nul\0' } }]],
    ['BW_IMAGE_NAME', '"\\u001b[2J\\u202e/.."', [{ name: 'n', pax: { path: '\u001b[2J\u202e/..' } }]],
    ['BW_IMAGE_TOO_LARGE', '"y/y/', [{ name: 'y/'.repeat(200) + 'y' }]],
    ['BW_IMAGE_CONFLICT', '"a/b"', [[{ name: 'a' }, 'file'], { name: 'a/b' }]],
    ['BW_IMAGE_CONFLICT', '"l/b"', [{ name: 'l', type: 'symlink', linkname: '/etc' }, { name: 'l/b' }]],
    ['BW_IMAGE_CONFLICT', '"a"', [{ name: 'a/', type: 'directory' }, { name: 'a' }]],
    ['BW_IMAGE_CONFLICT', '"a/"', [{ name: 'a' }, { name: 'a/', type: 'directory' }]],
    ['BW_IMAGE_CONFLICT', '"a"', [{ name: 'a' }, { name: 'a', type: 'symlink', linkname: 'b' }]],
    ['BW_IMAGE_BROKEN', '"h"', [{ name: 'h', type: 'link', linkname: 'later' }, { name: 'later' }]],
    ['BW_IMAGE_NAME', '"h"', [{ name: 'h', type: 'link', linkname: '../../etc/passwd' }]],
    [
      'BW_IMAGE_CONFLICT',
      '"h"',
      [
        { name: 'd/', type: 'directory' },
        { name: 'h', type: 'link', linkname: 'd' },
      ],
    ],
    ['BW_IMAGE_NAME', '"s"', [{ name: 's', type: 'symlink', linkname: '' }]],
    ['BW_IMAGE_UNSUPPORTED', '"dev/null"', [{ name: 'dev/null', type: 'character-device' }]],
    ['BW_IMAGE_UNSUPPORTED', '"pipe"', [{ name: 'pipe', type: 'fifo' }]],
    ['BW_IMAGE_UNSUPPORTED', '"sparse"', [{ name: 'sparse', pax: { 'GNU.sparse.major': '1' } }]],
  ])('%s names the member %s', async (code, member, members) => {
    const refused = await refusal(await tar(...members));
    expect(refused).toContain(`BindingError ${code}: `);
    expect(refused).toContain(member);
    expect(refused).not.toMatch(/[^\x20-\x7e…’]/);
  });

  test('special files can be left out', async () => {
    const archive = await tar({ name: 'dev/null', type: 'character-device' }, [{ name: 'f' }, 'x']);
    expect(shown(await loadImage(archive, { specialFiles: 'skip' }))).toEqual({ f: '= x' });
  });

  test('a member of a type that nobody knows is not taken for a file', async () => {
    expect(await refusal(await tarOfType('S'))).toContain('BW_IMAGE_UNSUPPORTED');
    expect(await refusal(await tarOfType('\u009f'))).toContain('of the type "\\u009f"');
    expect(await refusal(await tarOfType('7'))).toBe('taken');
  });

  test('cut off anywhere it is refused, never half an image', async () => {
    const archive = await tar([{ name: 'a' }, 'x'.repeat(700)], [{ name: 'b' }, 'y']);
    for (let length = 512; length < archive.length; length += 127)
      expect(await refusal(archive.subarray(0, length)), String(length)).toContain('BW_IMAGE_BROKEN');
    const zipped = gzipSync(archive);
    for (let length = 2; length < zipped.length; length += 11)
      expect(await refusal(zipped.subarray(0, length)), String(length)).toContain('BW_IMAGE_BROKEN');
  });

  test('limits hold before anything is unpacked', async () => {
    const archive = await tar([{ name: 'a' }, 'x'.repeat(600)], [{ name: 'b' }, 'y'.repeat(600)]);
    expect(await refusal(archive, { limits: { bytes: 1199 } })).toContain('BW_IMAGE_TOO_LARGE');
    expect(await refusal(archive, { limits: { bytes: 1200 } })).toBe('taken');
    expect(await refusal(archive, { limits: { entries: 1 } })).toContain('limit of 1 entries');
    expect(await refusal(await tar({ name: 'a/b/c' }), { limits: { depth: 1 } })).toContain('1 levels');
    const bomb = gzipSync(Buffer.alloc(80 << 20));
    expect(bomb.length).toBeLessThan(100_000);
    expect(await refusal(bomb, { limits: { bytes: 1000 } })).toContain('BW_IMAGE_TOO_LARGE');
    const claims = await tar([{ name: 'huge' }, 'x']);
    claims.set(Buffer.from('77777777777\0'), 124);
    claims.fill(32, 148, 156);
    const sum = claims.subarray(0, 512).reduce((a, b) => a + b, 0);
    claims.set(Buffer.from(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
    expect(await refusal(claims)).toContain('BW_IMAGE_TOO_LARGE');
  });
});

describe('a zip archive', () => {
  test('has files, stored and deflated, directories and symlinks', async () => {
    const image = await loadImage(
      zipOf([
        { name: 'd/', mode: 0o040_755 },
        { name: 'd/stored', content: 'text' },
        { name: 'd/deflated', content: 'x'.repeat(5000), deflate: true },
        { name: 'grün', content: 'é' },
        { name: 'link', content: 'd/stored', mode: 0o120_777 },
        { name: 'empty', content: '', deflate: true },
      ]),
    );
    expect(shown(image)).toEqual({
      'd/': '',
      'd/stored': '= text',
      'd/deflated': `= ${'x'.repeat(5000)}`,
      empty: '= ',
      grün: '= é',
      link: '-> d/stored',
    });
    expect(guestOf(image).statOf('grün').modified).toBe(BigInt(Date.UTC(2000, 0, 1)) * 1_000_000n);
    expect(shown(await loadImage(zipOf([])))).toEqual({});
  });

  test.each([
    ['BW_IMAGE_NAME', '"../out"', [{ name: '../out' }]],
    ['BW_IMAGE_NAME', '"/abs"', [{ name: '/abs' }]],
    ['BW_IMAGE_NAME', '"a\\\\b"', [{ name: 'a\\b' }]],
    ['BW_IMAGE_NAME', '"a//b"', [{ name: 'a//b' }]],
    ['BW_IMAGE_NAME', '"nul\\u0000"', [{ name: 'nul\0' }]],
    ['BW_IMAGE_CONFLICT', '"a/b"', [{ name: 'a' }, { name: 'a/b' }]],
    ['BW_IMAGE_UNSUPPORTED', '"secret"', [{ name: 'secret', content: 'x'.repeat(13), size: 1, flags: 1 }]],
    ['BW_IMAGE_UNSUPPORTED', '"lzma"', [{ name: 'lzma', content: 'x', method: 14 }]],
    ['BW_IMAGE_UNSUPPORTED', '"pipe"', [{ name: 'pipe', mode: 0o010_644 }]],
    ['BW_IMAGE_BROKEN', '"crc"', [{ name: 'crc', content: 'x', crc: 1 }]],
    ['BW_IMAGE_BROKEN', '"bomb"', [{ name: 'bomb', content: 'x'.repeat(100_000), deflate: true, size: 10 }]],
    ['BW_IMAGE_BROKEN', '"short"', [{ name: 'short', content: 'x', deflate: true, size: 100 }]],
  ])('%s names the member %s', async (code, member, members) => {
    const refused = await refusal(zipOf(members));
    expect(refused).toContain(`BindingError ${code}: `);
    expect(refused).toContain(member);
  });

  test('limits hold before anything is unpacked, and what is cut off is refused', async () => {
    const archive = zipOf([{ name: 'a', content: 'x'.repeat(5000), deflate: true }, { name: 'b' }]);
    expect(await refusal(archive, { limits: { bytes: 4999 } })).toContain('BW_IMAGE_TOO_LARGE');
    expect(await refusal(archive, { limits: { entries: 1 } })).toContain('BW_IMAGE_TOO_LARGE');
    for (let length = 2; length < archive.length; length += 7)
      expect(await refusal(archive.subarray(0, length)), String(length)).toContain('BW_IMAGE_BROKEN');
  });
});

describe('a path', () => {
  test('of a directory: copied, with symlinks and hard links as they are', async () => {
    using tree = hostTree({ d: { f: 'text' }, out: '-> /etc/passwd', in: '-> d/f' });
    linkSync(join(tree.path, 'd/f'), join(tree.path, 'hard'));
    mkdirSync(join(tree.path, 'empty'));
    utimesSync(join(tree.path, 'd/f'), 7, 7);
    const image = await loadImage(pathToFileURL(tree.path));
    writeFileSync(join(tree.path, 'd/f'), 'changed');
    expect(shown(image)).toEqual({
      'd/': '',
      'd/f': '= text',
      'empty/': '',
      hard: '= text',
      in: '-> d/f',
      out: '-> (absolute)',
    });
    expect(guestOf(image).statOf('hard')).toMatchObject({ linkCount: 2, modified: 7_000_000_000n });
  });

  test('of a directory with a FIFO', async () => {
    using tree = hostTree({ f: 'x' });
    execFileSync('mkfifo', [join(tree.path, 'pipe')]);
    expect(await refusal(tree.path)).toContain('BW_IMAGE_UNSUPPORTED: the image\'s member "pipe"');
    expect(shown(await loadImage(tree.path, { specialFiles: 'skip' }))).toEqual({ f: '= x' });
    expect(await refusal(tree.path, { specialFiles: 'skip', limits: { bytes: 0 } })).toContain('TOO_LARGE');
  });

  test('of an archive, and of nothing', async () => {
    using tree = hostTree({});
    const path = join(tree.path, 'a.tgz');
    writeFileSync(path, gzipSync(await tar([{ name: 'f' }, 'x'])));
    expect(shown(await loadImage(path))).toEqual({ f: '= x' });
    const missing = await refusal(join(tree.path, 'missing'));
    expect(missing).toContain('BW_IMAGE_READ: the image cannot be read (ENOENT)');
    expect(missing).not.toContain(tree.path);
  });
});

test.each([
  ['nothing', new Uint8Array(0)],
  ['text', Buffer.from('hello'.repeat(500))],
  ['gzip of text', gzipSync('hello')],
])('%s is no archive', async (_, bytes) => {
  expect(await refusal(bytes)).toContain('BindingError BW_IMAGE_FORMAT');
});

function hasTar(): boolean {
  try {
    return execFileSync('tar', ['--version'], { encoding: 'utf8' }).includes('GNU');
  } catch {
    return false;
  }
}
