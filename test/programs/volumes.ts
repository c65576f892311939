import { buffer } from 'node:stream/consumers';
import { packTar } from 'modern-tar/fs';
import { type Bindings, type Image, loadImage } from '../../src/index.ts';

/** A volume as a policy writes it, and what an embedder binds for it. */
export interface Volume {
  /** What stands beside `id`, `mount` and `access` in its rule. */
  readonly backend: Readonly<Record<string, unknown>>;
  readonly bindings: Bindings;
}

/**
 * Makes a volume that starts with what a directory of this machine holds.
 *
 * @param name unique among the volumes of one instance
 */
export type VolumeKind = (name: string, directory: string) => Promise<Volume>;

/** Which kinds of volumes a program is given. */
export interface Layout {
  readonly name: string;
  /** For what the program only reads: its script, its standard library. */
  readonly given: VolumeKind;
  /** For where it works. */
  readonly work: VolumeKind;
  /** Whether `work` starts with what its directory holds. The programs begin with a copy of their own where it does not. */
  readonly seeded: boolean;
  /** Whether the directory of `work` holds what the program did, when it has ended. */
  readonly kept: boolean;
}

/** Starts empty. */
const memory: VolumeKind = async () => ({ backend: { memory: {} }, bindings: {} });

const host: VolumeKind = async (name, directory) => ({
  backend: { host: name },
  bindings: { directories: { [name]: directory } },
});

/** The directory as an archive. */
async function archiveOf(directory: string): Promise<Image> {
  return loadImage(await buffer(packTar(directory)));
}

const image: VolumeKind = async (name, directory) => ({
  backend: { image: name },
  bindings: { images: { [name]: await archiveOf(directory) } },
});

const memoryFromImage: VolumeKind = async (name, directory) => ({
  backend: { memory: { from: { image: name } } },
  bindings: { images: { [name]: await archiveOf(directory) } },
});

const memoryFromHost: VolumeKind = async (name, directory) => ({
  backend: { memory: { from: { host: name } } },
  bindings: { directories: { [name]: directory } },
});

const overlayOnHost: VolumeKind = async (name, directory) => ({
  backend: { overlay: { lower: { host: name }, upper: { memory: {} } } },
  bindings: { directories: { [name]: directory } },
});

const overlayOnImage: VolumeKind = async (name, directory) => ({
  backend: { overlay: { lower: { image: name }, upper: { memory: {} } } },
  bindings: { images: { [name]: await archiveOf(directory) } },
});

/** Every program runs its job once per row. A kind of volume is added here, and nowhere else. */
export const LAYOUTS: readonly Layout[] = [
  { name: 'memory', given: host, work: memory, seeded: false, kept: false },
  { name: 'host', given: host, work: host, seeded: true, kept: true },
  { name: 'an overlay over a directory', given: image, work: overlayOnHost, seeded: true, kept: false },
  {
    name: 'an overlay over an archive',
    given: memoryFromHost,
    work: overlayOnImage,
    seeded: true,
    kept: false,
  },
  { name: 'memory from an archive', given: image, work: memoryFromImage, seeded: true, kept: false },
];
