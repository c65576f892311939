import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { packTar, type TarEntry } from 'modern-tar';
import { loadImage } from '../../src/index.ts';
import type { GuestOptions } from './guest-run.ts';

/** Every kind of volume. An overlay here has a directory of the host below and memory above; an image is only read. */
export const VOLUMES = ['memory', 'host', 'overlay', 'image'] as const;

export type VolumeKind = (typeof VOLUMES)[number];

/** What a rule says of each volume that starts with the directory bound as `tree`. */
const SOURCES: Readonly<Record<VolumeKind, object>> = {
  memory: { memory: { from: { host: 'tree' } } },
  host: { host: 'tree' },
  overlay: { overlay: { lower: { host: 'tree' }, upper: { memory: {} } } },
  image: { image: 'tree' },
};

/** A mount at /m under the rule `m` that starts with what the host directory at `path` holds. */
export async function volumeMount(
  volume: VolumeKind,
  path: string,
  access: string | readonly string[],
  more: object = {},
): Promise<GuestOptions> {
  const rule = { id: 'm', mount: '/m', ...SOURCES[volume], access: accessOf(volume, access), ...more };
  return {
    grant: { filesystem: [rule] },
    bindings: {
      directories: { tree: path },
      ...(volume === 'image' ? { images: { tree: await loadImage(await tarOf(path)) } } : {}),
    },
  };
}

/** More than reading, no rule can promise of an image. */
function accessOf(volume: VolumeKind, access: string | readonly string[]): string | readonly string[] {
  if (volume !== 'image' || typeof access === 'string') return volume === 'image' ? 'read' : access;
  return access.filter((word) => word === 'read' || word === 'list');
}

/** @returns a tar archive of a directory of files, directories and symlinks */
export function tarOf(root: string): Promise<Uint8Array> {
  return packTar(membersOf(root, ''));
}

function membersOf(root: string, path: string): TarEntry[] {
  return readdirSync(join(root, path))
    .toSorted()
    .flatMap((child): TarEntry[] => {
      const name = path === '' ? child : `${path}/${child}`;
      const stats = lstatSync(join(root, name));
      const header = { name, mtime: stats.mtime, size: 0 };
      if (stats.isDirectory())
        return [{ header: { ...header, type: 'directory' } }, ...membersOf(root, name)];
      if (stats.isSymbolicLink())
        return [{ header: { ...header, type: 'symlink', linkname: readlinkSync(join(root, name)) } }];
      const body = readFileSync(join(root, name));
      return [{ header: { ...header, size: body.length }, body }];
    });
}
