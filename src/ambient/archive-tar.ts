import type { TarHeader } from 'modern-tar';
import { BindingError } from '../errors.ts';
import { ImageBuilder } from '../virtual/filesystem/image-builder.ts';
import { imageError, quoteMember } from '../virtual/filesystem/image-error.ts';
import type { Image } from '../virtual/filesystem/image.ts';
import { type ImageOfTreeOptions, specialFile } from '../virtual/filesystem/image-tree.ts';

/** Bytes of a header, and what everything in a tar is padded to. */
const BLOCK = 512;

/**
 * Reads a tar archive: ustar, pax and GNU long names.
 *
 * @throws BindingError BW_IMAGE_…
 */
export async function imageOfTar(archive: Uint8Array, options: ImageOfTreeOptions): Promise<Image> {
  const { unpackTar } = await import('modern-tar');
  const builder = new ImageBuilder(options);
  preview(archive, builder);
  try {
    // Without its `filter`, which leaves out members with blank names.
    for (const { header, data } of await unpackTar(archive, { strict: true }))
      add(builder, header, data, options);
    return builder.finish();
  } catch (error) {
    if (error instanceof BindingError) throw error;
    throw imageError('BROKEN', undefined, `is no sound tar archive (${messageOf(error)})`);
  }
}

function add(
  builder: ImageBuilder,
  header: TarHeader,
  data: Uint8Array | undefined,
  { specialFiles }: ImageOfTreeOptions,
): void {
  const { name, linkname = '' } = header;
  if (Object.keys(header.pax ?? {}).some((key) => key.startsWith('GNU.sparse.')))
    throw imageError(
      'UNSUPPORTED',
      name,
      'is a sparse file of GNU tar',
      'write the archive without --sparse',
    );
  const modified = timeOf(header);
  switch (header.type) {
    case 'directory':
      builder.addDirectory(name, modified);
      break;
    case 'symlink':
      builder.addSymlink(name, linkname, modified);
      break;
    case 'link':
      builder.addLink(name, linkname);
      break;
    case 'character-device':
    case 'block-device':
    case 'fifo':
      if (specialFiles !== 'skip') throw specialFile(name);
      break;
    default:
      builder.addFile(name, data ?? new Uint8Array(0), modified);
  }
}

/** The types that are understood; the reader takes all others for files. NUL and 7 are files of old and of special tars. */
const TYPES: ReadonlySet<string> = new Set('\u000001234567xgLK');

/** Of the names and values of others. */
const META = 'xgLK';

/** Links, devices, directories and FIFOs have no content, whatever their size field says. */
const BODYLESS = '123456';

/**
 * Looks through the headers before anything is unpacked, and refuses what is too much or cut off, and members of other
 * types, whose content is not what it seems (GNU sparse files, pieces of volumes). What else is wrong the reader finds.
 */
function preview(archive: Uint8Array, builder: ImageBuilder): void {
  let bytes = 0;
  let count = 0;
  // A name that begins with NUL: the zero block at the end.
  for (let at = 0; at + BLOCK <= archive.length && archive[at] !== 0;) {
    const type = String.fromCharCode(archive[at + 156] as number);
    const name = textAt(archive, at, 100);
    if (!TYPES.has(type))
      throw imageError('UNSUPPORTED', name, `is of the type ${quoteMember(type)}, which is not known`);
    const size = BODYLESS.includes(type) ? 0 : sizeAt(archive, at + 124);
    if (!Number.isSafeInteger(size)) return;
    if (!META.includes(type)) {
      bytes += size;
      // One more, for the root.
      if (++count > builder.limits.entries + 1) throw builder.tooLarge(name, 'entries');
      if (bytes > builder.limits.bytes) throw builder.tooLarge(name, 'bytes');
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    if (at > archive.length) throw imageError('BROKEN', name, 'is cut off');
  }
}

function textAt(archive: Uint8Array, start: number, length: number): string {
  return Buffer.from(archive.subarray(start, start + length))
    .toString()
    .replace(/\0.*$/s, '');
}

/** The size field: octal, or with the highest bit set base 256 (GNU). NaN: the reader will say what is wrong. */
function sizeAt(archive: Uint8Array, start: number): number {
  const field = archive.subarray(start, start + 12);
  if (((field[0] as number) & 0x80) !== 0)
    return field.reduce((size, byte, i) => size * 256 + (i === 0 ? byte & 0x7f : byte), 0);
  const text = String.fromCharCode(...field)
    .trimStart()
    .replace(/[\0 ].*$/s, '');
  return text === '' ? 0 : Number.parseInt(text, 8);
}

const PAX_TIME = /^(-?)(\d{1,12})(?:\.(\d{1,9})\d*)?$/;

/** Nanoseconds; pax has them as decimal seconds, which a Date would round. */
function timeOf({ mtime, pax }: TarHeader): bigint {
  const exact = PAX_TIME.exec(pax?.['mtime'] ?? '');
  if (exact !== null) {
    const [, sign, seconds = '0', fraction = ''] = exact;
    const size = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
    return sign === '-' ? -size : size;
  }
  const milliseconds = mtime?.getTime() ?? 0;
  return Number.isSafeInteger(milliseconds) ? BigInt(milliseconds) * 1_000_000n : 0n;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
