import type { Permit } from '../../kernel/permit.ts';
import { OpenMode, type VolumeDirectory, type VolumeFile } from './volume.ts';
import { volumeError } from './volume-error.ts';

const CHUNK = 1 << 18;

/**
 * @returns whether the files of one name and size have the same bytes
 * @throws VolumeError BW_VOLUME_READ
 */
export function sameContent(
  first: VolumeDirectory,
  second: VolumeDirectory,
  name: string,
  path: string,
  permit: Permit,
): boolean {
  const one = opened(first, name, path, permit);
  try {
    const other = opened(second, name, path, permit);
    try {
      return compare(one, other, path, permit);
    } finally {
      other.close();
    }
  } finally {
    one.close();
  }
}

function opened(directory: VolumeDirectory, name: string, path: string, permit: Permit): VolumeFile {
  const file = directory.openFile(permit, name, OpenMode.read);
  if (typeof file === 'number') throw volumeError('BW_VOLUME_READ', path, file);
  return file;
}

function compare(one: VolumeFile, other: VolumeFile, path: string, permit: Permit): boolean {
  const [bytes, others] = [Buffer.allocUnsafe(CHUNK), Buffer.allocUnsafe(CHUNK)];
  for (let position = 0; ;) {
    const count = readFully(one, bytes, position, path, permit);
    if (readFully(other, others, position, path, permit) !== count) return false;
    if (bytes.compare(others, 0, count, 0, count) !== 0) return false;
    if (count < CHUNK) return true;
    position += count;
  }
}

function readFully(file: VolumeFile, target: Buffer, position: number, path: string, permit: Permit): number {
  let done = 0;
  while (done < target.length) {
    const count = file.read(permit, target, done, target.length - done, position + done);
    if (count < 0) throw volumeError('BW_VOLUME_READ', path, -count as Parameters<typeof volumeError>[2]);
    if (count === 0) break;
    done += count;
  }
  return done;
}
