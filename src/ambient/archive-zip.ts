import { crc32, inflateRawSync } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import { BindingError } from '../errors.ts';
import { ImageBuilder } from '../virtual/filesystem/image-builder.ts';
import { imageError } from '../virtual/filesystem/image-error.ts';
import type { Image } from '../virtual/filesystem/image.ts';
import { type ImageOfTreeOptions, specialFile } from '../virtual/filesystem/image-tree.ts';

/** `st_mode` as zip tools of Unix put it into the external attributes (APPNOTE 4.4.2, 4.4.15). */
const UNIX = 3;
const TYPE_MASK = 0o170_000;
const SYMLINK = 0o120_000;
const DIRECTORY = 0o040_000;
const REGULAR = 0o100_000;

/**
 * Reads a zip archive: members that are stored or deflated, symlinks of Unix. Its times have no zone and are read as UTC.
 *
 * @throws BindingError BW_IMAGE_…
 */
export async function imageOfZip(archive: Buffer, options: ImageOfTreeOptions): Promise<Image> {
  const { default: yauzl } = await import('yauzl');
  const builder = new ImageBuilder(options);
  let member: string | undefined;
  try {
    const zip = await yauzl.fromBufferPromise(archive, { strictFileNames: true });
    if (zip.entryCount > builder.limits.entries) throw builder.tooLarge('…', 'entries');
    for await (const entry of zip.eachEntry()) {
      member = entry.fileName;
      await add(builder, archive, zip, entry, options);
    }
    return builder.finish();
  } catch (error) {
    if (error instanceof BindingError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    if (message.includes('encryption'))
      throw imageError('UNSUPPORTED', member, 'or what follows it is encrypted');
    // yauzl checks names as it reads them, and ends there.
    if (/^(?:absolute path|invalid relative path|invalid characters)/.test(message))
      throw imageError(
        'NAME',
        message.slice(message.indexOf(': ') + 2),
        'has a name that no file in a volume can have',
      );
    throw imageError('BROKEN', member, `or what follows it is no sound zip (${printable(message)})`);
  }
}

async function add(
  builder: ImageBuilder,
  archive: Buffer,
  zip: ZipFile,
  entry: Entry,
  { specialFiles }: ImageOfTreeOptions,
): Promise<void> {
  const name = entry.fileName;
  const modified = BigInt(Math.trunc(timeOf(entry))) * 1_000_000n;
  const mode = entry.versionMadeBy >>> 8 === UNIX ? (entry.externalFileAttributes >>> 16) & TYPE_MASK : 0;
  if (name.endsWith('/') || mode === DIRECTORY) {
    builder.addDirectory(name, modified);
    return;
  }
  if (mode !== 0 && mode !== REGULAR && mode !== SYMLINK) {
    if (specialFiles !== 'skip') throw specialFile(name);
    return;
  }
  // Before anything is unpacked; that the member keeps to it is checked below.
  builder.room(name, entry.uncompressedSize);
  const bytes = await contentOf(archive, zip, entry);
  if (mode === SYMLINK) builder.addSymlink(name, bytes.toString(), modified);
  else builder.addFile(name, bytes, modified);
}

async function contentOf(archive: Buffer, zip: ZipFile, entry: Entry): Promise<Buffer> {
  const { fileName: name, compressionMethod: method, uncompressedSize: size } = entry;
  if (entry.isEncrypted()) throw imageError('UNSUPPORTED', name, 'is encrypted');
  if (method !== 0 && method !== 8)
    throw imageError('UNSUPPORTED', name, `is packed by method ${method}`, 'store or deflate the members');
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
  const packed = archive.subarray(fileDataStart, fileDataStart + entry.compressedSize);
  if (packed.length !== entry.compressedSize) throw imageError('BROKEN', name, 'is cut off');
  let bytes = packed;
  if (method === 8) {
    try {
      // One more than it may have, so that one that has more is told from one that fits.
      bytes = inflateRawSync(packed, { maxOutputLength: size + 1 });
    } catch {
      throw imageError('BROKEN', name, 'cannot be unpacked, or is larger than it says');
    }
  }
  if (bytes.length !== size || crc32(bytes) !== entry.crc32)
    throw imageError('BROKEN', name, 'is not what its size and checksum say');
  return bytes;
}

function timeOf(entry: Entry): number {
  const time = entry.getLastModDate({ timezone: 'UTC' }).getTime();
  return Number.isNaN(time) ? 0 : time;
}

/** Names of members are in the messages of the reader. */
function printable(message: string): string {
  return message.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);
}
