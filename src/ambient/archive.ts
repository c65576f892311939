import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { imageError } from '../virtual/filesystem/image-error.ts';
import { DEFAULT_IMAGE_LIMITS, type Image } from '../virtual/filesystem/image.ts';
import type { ImageOfTreeOptions } from '../virtual/filesystem/image-tree.ts';
import { imageOfTar } from './archive-tar.ts';
import { imageOfZip } from './archive-zip.ts';

/** What headers and padding of a tar may take besides the content: two blocks and a half for each name. */
const TAR_BYTES_PER_ENTRY = 1280;

/**
 * Reads an archive, whose format its first bytes tell.
 *
 * @param archive the image may share its bytes: nobody may write to them from now on
 * @throws BindingError BW_IMAGE_…
 */
export async function imageOfArchive(archive: Buffer, options: ImageOfTreeOptions): Promise<Image> {
  if (archive[0] === 0x1f && archive[1] === 0x8b)
    return imageOfTar(await unzipped(archive, options), options);
  if (archive[0] === 0x50 && archive[1] === 0x4b) return imageOfZip(archive, options);
  if (isTar(archive)) return imageOfTar(archive, options);
  throw imageError('FORMAT', undefined, 'is neither a tar, a tar.gz nor a zip archive');
}

/** POSIX.1-1988 and later write "ustar" into every header; an empty archive is zeros. */
function isTar(archive: Buffer): boolean {
  if (archive.length < 512) return false;
  return (
    archive.toString('latin1', 257, 262) === 'ustar' || archive.subarray(0, 1024).every((byte) => byte === 0)
  );
}

async function unzipped(archive: Buffer, { limits }: ImageOfTreeOptions): Promise<Buffer> {
  const { bytes, entries } = { ...DEFAULT_IMAGE_LIMITS, ...limits };
  // Many names are refused as such; that their headers alone fill the memory is not waited for.
  const maxOutputLength = bytes + Math.min(entries * TAR_BYTES_PER_ENTRY, Math.max(bytes, 64 << 20)) + 10_240;
  let tar: Buffer;
  try {
    tar = await promisify(gunzip)(archive, { maxOutputLength });
  } catch (error) {
    const tooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    if (tooLarge) throw imageError('TOO_LARGE', undefined, `unpacks to more than ${maxOutputLength} bytes`);
    throw imageError('BROKEN', undefined, 'is cut off or no sound gzip file');
  }
  if (!isTar(tar)) throw imageError('FORMAT', undefined, 'is gzip, but what is in it is no tar archive');
  return tar;
}
