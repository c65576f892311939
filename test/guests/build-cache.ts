import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Gitignored. One file per built program, named after what it was built from. */
const CACHE = join(import.meta.dirname, '../../.cache/guests');

/** No build takes as long; an older lock is one whose process died. */
const STALE_LOCK_MS = 120_000;

/** @returns SHA-256 over `parts`, in hexadecimal; lengths are hashed too, so that parts cannot run into one another */
export function buildKey(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex');
}

/**
 * Gives the program that was built under `key` before, or builds it. Test workers are processes of their own: whoever
 * takes the lock builds, the others wait for the file. It appears by a rename, so it is never seen half-written.
 */
export async function buildOnce(
  name: string,
  key: string,
  build: () => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const file = join(CACHE, `${name}-${key.slice(0, 24)}.wasm`);
  const lock = `${file}.lock`;
  await mkdir(CACHE, { recursive: true });
  for (;;) {
    const built = await readIfThere(file);
    if (built !== undefined) return built;
    if (await takeLock(lock)) break;
    await delay(50);
  }
  try {
    // Someone may have built it between our look and our lock.
    const built = (await readIfThere(file)) ?? (await build());
    const partial = `${file}.${process.pid}`;
    await writeFile(partial, built);
    await rename(partial, file);
    return built;
  } finally {
    await rm(lock, { force: true });
  }
}

async function readIfThere(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(file);
  } catch {
    return undefined;
  }
}

async function takeLock(lock: string): Promise<boolean> {
  try {
    await (await open(lock, 'wx')).close();
    return true;
  } catch {
    const age = await stat(lock).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > STALE_LOCK_MS) await rm(lock, { force: true });
    return false;
  }
}
