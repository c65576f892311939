import { readFile, stat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BindingError } from '../errors.ts';
import { Access } from '../kernel/access.ts';
import { Grant } from '../kernel/grant.ts';
import { Guard } from '../kernel/guard.ts';
import { imageError } from '../virtual/filesystem/image-error.ts';
import type { Image } from '../virtual/filesystem/image.ts';
import { copyTree, type ImageOfTreeOptions } from '../virtual/filesystem/image-tree.ts';
import { emptyStat } from '../virtual/filesystem/volume.ts';
import { imageOfArchive } from './archive.ts';
import { HostVolume } from './host-volume.ts';

/** Members of a directory that are copied before others get the thread. */
const MEMBERS_AT_ONCE = 64;

/**
 * Reads an image from a directory, an archive file, or the bytes of an archive, which are copied.
 *
 * @throws BindingError BW_IMAGE_…, BW_BINDING_UNSUPPORTED for a directory where host mounts are not possible
 * @throws VolumeError BW_VOLUME_READ
 */
export async function loadImage(
  source: string | URL | Uint8Array,
  options: ImageOfTreeOptions,
): Promise<Image> {
  if (source instanceof Uint8Array) return imageOfArchive(Buffer.from(source), options);
  const path = typeof source === 'string' ? source : fileURLToPath(source);
  if (await isDirectory(path)) return imageOfDirectory(path, options);
  return imageOfArchive(await reading(readFile(path)), options);
}

/**
 * Copies a directory into an image.
 *
 * @throws BindingError BW_BINDING_DIRECTORY for anything else; BW_IMAGE_…, BW_BINDING_UNSUPPORTED
 * @throws VolumeError BW_VOLUME_READ
 */
export async function copyDirectory(path: string, options: ImageOfTreeOptions): Promise<Image> {
  if (await isDirectory(path)) return imageOfDirectory(path, options);
  throw new BindingError('BW_BINDING_DIRECTORY', 'what is to be copied is no directory', {
    hint: 'bind the name to a directory; an archive is for a rule with `image`',
  });
}

async function isDirectory(path: string): Promise<boolean> {
  return (await reading(stat(path))).isDirectory();
}

async function reading<Result>(result: Promise<Result>): Promise<Result> {
  try {
    return await result;
  } catch (error) {
    const code =
      error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : undefined;
    if (code === undefined) throw error;
    // Not the cause: its message holds the host's path.
    throw imageError(
      'READ',
      undefined,
      `cannot be read (${code})`,
      'name a directory or an archive that this process may read',
    );
  }
}

/** What the embedder asks for itself is on no instance's record. */
const embedderGuard = new Guard({ used() {}, denied() {}, owned() {}, limited() {} }, 'none');

/** Copies a directory: by open descriptors and without following anything, so that nobody leads the copy out of it. */
async function imageOfDirectory(path: string, options: ImageOfTreeOptions): Promise<Image> {
  const volume = new HostVolume(path);
  try {
    const grant = new Grant('image', 'filesystem', Access.read | Access.list, {});
    const permit = embedderGuard.permit(grant, grant.access, 'read-directory', '.');
    const root = permit && volume.openRoot(permit);
    if (permit === undefined || root === undefined || typeof root === 'number')
      throw imageError('READ', undefined, 'cannot be read: its directory cannot be opened');
    const copying = copyTree(root, permit, emptyStat(), options);
    let step = copying.next();
    for (let members = 1; step.done !== true; members++) {
      if (members % MEMBERS_AT_ONCE === 0) await setImmediate();
      step = copying.next();
    }
    return step.value;
  } finally {
    volume.close();
  }
}
