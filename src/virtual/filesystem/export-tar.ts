import type { TarEntry, TarHeader } from 'modern-tar';
import type { Permit } from '../../kernel/permit.ts';
import { nodesOf } from './export-files.ts';
import type { ImageLimits, ImageNode } from './image.ts';
import { imageOfTree } from './image-tree.ts';
import { emptyStat, FileType, type VolumeDirectory } from './volume.ts';

/**
 * Writes everything below a directory as a tar archive (POSIX.1-2001, pax): symlinks and hard links as such, times to
 * the nanosecond, modes 644 and 755, owner 0. Reading it back gives the same tree.
 *
 * @throws VolumeError BW_VOLUME_READ
 * @throws BindingError BW_IMAGE_TOO_LARGE when it passes the limits, of which all have defaults
 */
export async function exportTar(
  directory: VolumeDirectory,
  permit: Permit,
  limits: Partial<ImageLimits> = {},
): Promise<Uint8Array> {
  const image = imageOfTree(directory, permit, emptyStat(), { limits, specialFiles: 'skip' });
  const entries: TarEntry[] = [entryOf('.', image.root, undefined)];
  const names = new Map<ImageNode, string>();
  for (const [path, node] of nodesOf(image.root)) {
    entries.push(entryOf(path, node, names.get(node)));
    if (node.links > 1) names.set(node, path);
  }
  // Loaded when it is needed: most programs never export.
  const { packTar } = await import('modern-tar');
  return packTar(entries);
}

/** @param first the name that the node is in the archive under already */
function entryOf(path: string, node: ImageNode, first: string | undefined): TarEntry {
  const common = { uid: 0, gid: 0, mode: node.type === FileType.directory ? 0o755 : 0o644 };
  if (first !== undefined) return { header: header(path, 'link', node.modified, common, first) };
  switch (node.type) {
    case FileType.directory:
      return { header: header(`${path}/`, 'directory', node.modified, common) };
    case FileType.symbolicLink:
      return { header: header(path, 'symlink', node.modified, common, node.target) };
    default:
      return {
        header: { ...header(path, 'file', node.modified, common), size: node.bytes.length },
        body: node.bytes,
      };
  }
}

function header(
  name: string,
  type: 'file' | 'directory' | 'symlink' | 'link',
  modified: bigint,
  common: Pick<TarHeader, 'uid' | 'gid' | 'mode'>,
  linkname?: string,
): TarHeader {
  const pax: Record<string, string> = {};
  // The fixed fields are bytes without a declared encoding and whole seconds below 2^33.
  if (!isAscii(name)) pax['path'] = name;
  if (linkname !== undefined && !isAscii(linkname)) pax['linkpath'] = linkname;
  const inField = modified >= 0n && modified < MAX_FIELD_TIME && modified % SECOND === 0n;
  if (!inField) pax['mtime'] = secondsText(modified);
  return {
    ...common,
    name,
    type,
    size: 0,
    mtime: new Date(inField ? Number(modified / 1_000_000n) : 0),
    ...(linkname === undefined ? {} : { linkname }),
    ...(Object.keys(pax).length === 0 ? {} : { pax }),
  };
}

const SECOND = 1_000_000_000n;
const MAX_FIELD_TIME = 2n ** 33n * SECOND;

/** Decimal seconds, as the `mtime` of pax has them. */
function secondsText(nanoseconds: bigint): string {
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const fraction = (size % SECOND).toString().padStart(9, '0');
  return `${nanoseconds < 0n ? '-' : ''}${size / SECOND}.${fraction}`;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
