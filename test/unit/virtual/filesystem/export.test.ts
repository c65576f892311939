import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadImage } from '../../../../src/index.ts';
import { exportFiles } from '../../../../src/virtual/filesystem/export-files.ts';
import { exportTar } from '../../../../src/virtual/filesystem/export-tar.ts';
import { ImageBuilder } from '../../../../src/virtual/filesystem/image-builder.ts';
import { imageOfFiles, type ImageFiles } from '../../../../src/virtual/filesystem/image-files.ts';
import type { Image, ImageDirectory, ImageNode } from '../../../../src/virtual/filesystem/image.ts';
import { ImageVolume } from '../../../../src/virtual/filesystem/image-volume.ts';
import { MemoryVolume } from '../../../../src/virtual/filesystem/memory-volume.ts';
import { FileType } from '../../../../src/virtual/filesystem/volume.ts';
import { Guest, permitOf } from './guest.ts';

const name = fc
  .oneof(
    fc.constantFrom('a', 'b', 'c', '\uFEFFbom', 'back\\slash', ' ', 'new\nline', 'e=q', '__proto__', '1'),
    fc.string({ minLength: 1, maxLength: 8, unit: 'binary' }),
    fc.constantFrom('é'.repeat(60), 'x'.repeat(150)),
  )
  .filter((text) => text !== '.' && text !== '..' && !/[/\0]/.test(text) && Buffer.byteLength(text) <= 255);
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
const time = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -(2n ** 62n), max: 0n }),
  fc.integer({ min: 0, max: 2_000_000_000 }).map((seconds) => BigInt(seconds) * 1_000_000_000n),
);
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constant('\uFEFFx'));
const member = fc.oneof(
  fc.record({ kind: fc.constant('file' as const), path, time, bytes: fc.oneof(text, fc.uint8Array()) }),
  fc.record({ kind: fc.constant('directory' as const), path, time }),
  fc.record({ kind: fc.constant('symlink' as const), path, time, target: path }),
  fc.record({ kind: fc.constant('link' as const), path, target: fc.nat({ max: 5 }) }),
);

/** An image of what fits together. */
const image: fc.Arbitrary<Image> = fc.array(member, { maxLength: 12 }).map((members) => {
  const builder = new ImageBuilder();
  const files: string[] = [];
  for (const each of members) {
    try {
      if (each.kind === 'file') builder.addFile(each.path, Buffer.from(each.bytes), each.time);
      else if (each.kind === 'directory') builder.addDirectory(each.path, each.time);
      else if (each.kind === 'symlink') builder.addSymlink(each.path, each.target, each.time);
      else if (files.length > 0) builder.addLink(each.path, files[each.target % files.length] as string);
      if (each.kind === 'file') files.push(each.path);
    } catch {
      // A file cannot be below another one.
    }
  }
  return builder.finish();
});

type Told = Record<string, unknown>;

/** What an image is, in an order of its own; the same number is the same file. */
function told({ root }: Image, times: boolean): Told {
  const numbers = new Map<ImageNode, number>();
  const look = (directory: ImageDirectory, prefix: string): [string, unknown][] =>
    [...directory.children]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([name, node]): [string, unknown][] => {
        if (!numbers.has(node)) numbers.set(node, numbers.size);
        const about = times ? [node.modified, numbers.get(node)] : [];
        const at = `${prefix}${name}`;
        if (node.type === FileType.directory) return [[`${at}/`, about], ...look(node, `${at}/`)];
        if (node.type === FileType.symbolicLink) return [[at, [...about, node.target]]];
        return [[at, [...about, Buffer.from(node.bytes).toString('base64')]]];
      });
  return Object.fromEntries([['.', times ? root.modified : 0n], ...look(root, '')]);
}

function opened(guest: Guest, volume: ImageVolume | MemoryVolume): Parameters<typeof exportTar> {
  return [volume.openRoot(), permitOf(guest)];
}

describe('what is exported is what is read back', () => {
  test('as tar: content, times, symlinks, hard links, of a volume over it too', async () => {
    await fc.assert(
      fc.asyncProperty(image, async (given) => {
        for (const volume of [new ImageVolume(given), new MemoryVolume({ now: () => 0n, base: given })]) {
          const archive = await exportTar(...opened(new Guest([{ path: '/', volume }]), volume));
          expect(told(await loadImage(archive), true)).toEqual(told(given, true));
        }
      }),
      { numRuns: 150 },
    );
  });

  test('as a flat JSON tree, through text: content and symlinks', () => {
    fc.assert(
      fc.property(image, (given) => {
        const volume = new ImageVolume(given);
        const files = exportFiles(...opened(new Guest([{ path: '/', volume }]), volume));
        const parsed = JSON.parse(JSON.stringify(files)) as ImageFiles;
        expect(told(imageOfFiles(parsed), false)).toEqual(told(given, false));
      }),
      { numRuns: 150 },
    );
  });
});

test('the flat form is what a person would write', () => {
  const volume = new MemoryVolume({ now: () => 0n });
  const guest = new Guest([{ path: '/', volume }]);
  guest.mkdir('d');
  guest.mkdir('empty');
  guest.put('d/text', 'grün');
  guest.put('bytes', Uint8Array.of(0xff, 0));
  guest.symlink('d/text', 'link');
  expect({ ...exportFiles(...opened(guest, volume)) }).toEqual({
    bytes: { base64: '/wA=' },
    'd/text': 'grün',
    empty: null,
    link: { symlink: 'd/text' },
  });
});

test('a program cannot make an export larger than its limits', async () => {
  const volume = new MemoryVolume({ now: () => 0n });
  const guest = new Guest([{ path: '/', volume }]);
  const file = guest.open('sparse', 'wc');
  guest.write(file, 'x', 2 ** 40);
  await expect(exportTar(...opened(guest, volume))).rejects.toMatchObject({ code: 'BW_IMAGE_TOO_LARGE' });
  expect(() => exportFiles(...opened(guest, volume))).toThrow('"sparse"');
});

describe('a flat JSON tree', () => {
  test.each([
    ['BW_IMAGE_NAME', { '../a': 'x' }],
    ['BW_IMAGE_NAME', { '/a': 'x' }],
    ['BW_IMAGE_NAME', { 'a//b': 'x' }],
    ['BW_IMAGE_NAME', { '': 'x' }],
    ['BW_IMAGE_NAME', { 'dir/': 'x' }],
    ['BW_IMAGE_NAME', { 'nul\0': 'x' }],
    ['BW_IMAGE_NAME', { ['x'.repeat(256)]: 'x' }],
    ['BW_IMAGE_NAME', { link: { symlink: '' } }],
    ['BW_IMAGE_CONFLICT', { a: 'file', 'a/b': 'x' }],
    ['BW_IMAGE_CONFLICT', { 'a/b': 'x', a: 'file' }],
    ['BW_IMAGE_CONFLICT', { a: 'file', 'a/': null }],
    ['BW_IMAGE_BROKEN', { a: { base64: '*' } }],
    ['BW_IMAGE_BROKEN', { a: { base64: 'YQ' } }],
  ] as [string, ImageFiles][])('%s: %j', (code, files) => {
    expect(() => imageOfFiles(files)).toThrow(expect.objectContaining({ name: 'BindingError', code }));
  });
});
