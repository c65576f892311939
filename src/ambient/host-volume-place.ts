import { type BigIntStats, fstatSync, openSync, readlinkSync } from 'node:fs';
import { closeQuietly, DIRECTORY_FLAGS, pathOf, REOPEN_FLAGS } from './host-volume-proc.ts';

/**
 * A directory of the host, as the start of paths: names are joined to it. Handles of guests and the volume's cache share
 * one by counting, so that neither ends the other's, and nothing is opened anew for each use.
 *
 * Everything here throws what node:fs throws.
 */
export interface Place {
  /** A path to the directory itself. */
  readonly path: string;
  /** @returns a path to `name` in the directory, of which only the last component is left to the system's mercy */
  at(name: string): string;
  /** Opens a directory below. Fails when `name` is a symlink. */
  enter(name: string): Place;
  stat(): BigIntStats;
  hold(): this;
  /** To be called once by everybody who opened or held it. */
  release(): void;
  /** The volume has renamed what was at one path to another, in place of what was there. */
  moved(from: string, to: string): void;
  /** The volume has removed the directory that was at a path. */
  removed(path: string): void;
}

/** By a descriptor: whatever becomes of the directory's path, this stays the directory. Linux with /proc only. */
export class DescriptorPlace implements Place {
  readonly path: string;
  readonly #prefix: string;
  readonly #fd: number;
  #holders = 1;

  /** Takes `fd` over. */
  private constructor(fd: number) {
    this.#fd = fd;
    this.path = pathOf(fd);
    this.#prefix = `${this.path}/`;
  }

  /** @param path followed if it is a symlink */
  static open(path: string): DescriptorPlace {
    return new DescriptorPlace(openSync(path, REOPEN_FLAGS));
  }

  at(name: string): string {
    return this.#prefix + name;
  }

  enter(name: string): DescriptorPlace {
    return new DescriptorPlace(openSync(this.#prefix + name, DIRECTORY_FLAGS));
  }

  stat(): BigIntStats {
    return fstatSync(this.#fd, { bigint: true });
  }

  hold(): this {
    this.#holders++;
    return this;
  }

  release(): void {
    if (--this.#holders === 0) closeQuietly(this.#fd);
  }

  moved(): void {
    // A descriptor goes along.
  }

  removed(): void {
    // And stays with what has no path.
  }

  /**
   * @returns where the directory lies now, by the names of the kernel: no symlink is ever in it. '' when that cannot be
   *   told, or not exactly: names that are not UTF-8 come with replacement characters.
   */
  location(): string {
    try {
      const path = readlinkSync(this.path);
      return path.includes('\uFFFD') ? '' : path;
    } catch {
      return '';
    }
  }
}
