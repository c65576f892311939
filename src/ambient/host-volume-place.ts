import { type BigIntStats, fstatSync, openSync, readlinkSync } from 'node:fs';
import { closeQuietly, DIRECTORY_FLAGS, pathOf, REOPEN_FLAGS } from './host-volume-proc.ts';

/**
 * A directory of the host, as the start of paths: names are joined to it. Handles of guests and the volume's cache share
 * one by counting, so that neither ends the other's, and nothing is opened anew for each use.
 */
export class Place {
  /** A path to the directory itself. */
  readonly path: string;
  /** The same with a slash. */
  readonly prefix: string;
  readonly #fd: number;
  #holders = 1;

  /** Takes `fd` over. */
  private constructor(fd: number) {
    this.#fd = fd;
    this.path = pathOf(fd);
    this.prefix = `${this.path}/`;
  }

  /** @param path followed if it is a symlink @throws what node:fs throws */
  static open(path: string): Place {
    return new Place(openSync(path, REOPEN_FLAGS));
  }

  /** Opens a directory below. @throws also when `name` is a symlink */
  enter(name: string): Place {
    return new Place(openSync(this.prefix + name, DIRECTORY_FLAGS));
  }

  stat(): BigIntStats {
    return fstatSync(this.#fd, { bigint: true });
  }

  hold(): this {
    this.#holders++;
    return this;
  }

  /** To be called once by everybody who opened or held it. */
  release(): void {
    if (--this.#holders === 0) closeQuietly(this.#fd);
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
