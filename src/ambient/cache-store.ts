import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { CacheStore } from '../virtual/machine.ts';

const SUFFIX = '.bwc';

/** @returns the user's own cache directory: `$XDG_CACHE_HOME/bailiwick`, `~/.cache/bailiwick` by default. */
export function defaultCacheDirectory(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'bailiwick');
}

/**
 * Cache entries as files of one directory that only its owner may enter. Safe with several processes: an entry is
 * written beside its place and renamed into it. When the entries pass `maxBytes`, the ones unused for longest go.
 */
export class DirectoryCacheStore implements CacheStore {
  readonly #directory: string;
  readonly #maxBytes: number;
  #ready: Promise<boolean> | undefined;

  constructor(directory: string, maxBytes: number) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
  }

  async read(key: string): Promise<Uint8Array | undefined> {
    if (!(await this.#prepare())) return undefined;
    try {
      await using file = await open(
        this.#path(key),
        constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
      );
      // Entries become code of the host: one that somebody else wrote, or could have changed, is none.
      const { mode, uid } = await file.stat();
      if ((uid !== 0 && uid !== process.getuid?.()) || (mode & 0o022) !== 0) return undefined;
      const bytes = await file.readFile();
      // The modification time says when an entry was last of use.
      const now = new Date();
      await file.utimes(now, now).catch(() => undefined);
      return bytes;
    } catch {
      return undefined;
    }
  }

  async write(key: string, bytes: Uint8Array): Promise<void> {
    if (bytes.length > this.#maxBytes || !(await this.#prepare())) return;
    const path = this.#path(key);
    // A crash here leaves a file that no reader looks at; the next sweep removes it.
    const temporary = `${path}.${randomUUID()}.tmp`;
    try {
      await writeFile(temporary, bytes, { mode: 0o600, flag: 'wx' });
      await rename(temporary, path);
    } catch {
      await rm(temporary, { force: true }).catch(() => undefined);
      return;
    }
    await this.#sweep();
  }

  async remove(key: string): Promise<void> {
    await rm(this.#path(key), { force: true }).catch(() => undefined);
  }

  #path(key: string): string {
    return join(this.#directory, key + SUFFIX);
  }

  #prepare(): Promise<boolean> {
    return (this.#ready ??= mkdir(this.#directory, { recursive: true, mode: 0o700 }).then(
      () => true,
      () => false,
    ));
  }

  async #sweep(): Promise<void> {
    const entries = await this.#entries().catch(() => []);
    let total = entries.reduce((sum, entry) => sum + entry.size, 0);
    entries.sort((a, b) => a.used - b.used);
    for (const entry of entries) {
      if (total <= this.#maxBytes) return;
      await rm(entry.path, { force: true }).catch(() => undefined);
      total -= entry.size;
    }
  }

  async #entries(): Promise<{ path: string; size: number; used: number }[]> {
    const stale = Date.now() - 3_600_000;
    const found: { path: string; size: number; used: number }[] = [];
    for (const name of await readdir(this.#directory)) {
      const path = join(this.#directory, name);
      const info = await stat(path).catch(() => undefined);
      if (info === undefined || !info.isFile()) continue;
      if (name.endsWith(SUFFIX)) found.push({ path, size: info.size, used: info.mtimeMs });
      else if (name.endsWith('.tmp') && info.mtimeMs < stale)
        await rm(path, { force: true }).catch(() => undefined);
    }
    return found;
  }
}
