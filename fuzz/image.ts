// Whatever the bytes: loadImage() gives an image within its limits, or a BindingError that says what is wrong.
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { BindingError, loadImage } from '../src/index.ts';
import { zipOf } from '../test/support/zip.ts';
import type { FuzzTarget } from './target.ts';

const LIMITS = { bytes: 100_000, entries: 20, depth: 8 };

export async function imageTarget(): Promise<FuzzTarget> {
  const tar = await packTar([
    { header: { name: 'd/', type: 'directory', size: 0 } },
    { header: { name: 'd/file', size: 5 }, body: 'hello' },
    { header: { name: 'link', type: 'symlink', linkname: 'd/file', size: 0 } },
    { header: { name: 'hard', type: 'link', linkname: 'd/file', size: 0 } },
    { header: { name: 'é', size: 1, pax: { path: 'é', mtime: '1.5' } }, body: 'x' },
  ]);
  const zip = zipOf([
    { name: 'd/', mode: 0o040_755 },
    { name: 'd/file', content: 'hello', deflate: true },
    { name: 'link', content: 'd/file', mode: 0o120_777 },
  ]);
  return { seeds: [tar, zip, gzipSync(tar)], run };
}

async function run(input: Uint8Array): Promise<void> {
  try {
    const image = await loadImage(input, { limits: LIMITS });
    assert.ok(image.bytes <= LIMITS.bytes && image.files <= LIMITS.entries);
  } catch (error) {
    if (!(error instanceof BindingError)) throw error;
    assert.match(error.code, /^BW_IMAGE_/);
    assert.match(error.message, /^[^\p{Cc}]*$/u);
  }
}
