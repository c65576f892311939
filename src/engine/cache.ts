import type { CacheStore, Machine } from '../virtual/machine.ts';
import { concatenate } from './concatenate.ts';

/** Named parts of one entry. */
export type CacheParts = ReadonlyMap<string, Uint8Array>;

const MAGIC = 'bailiwick-cache-1\n';
const DIGEST_LENGTH = 64;

/**
 * The compile cache: what jco's generator made of a component, under the SHA-256 of the component, the generator's
 * version and the options. An entry is believed only when its digest fits its content and its key; another one is
 * removed and built anew.
 */
export class CompileCache {
  readonly #store: CacheStore;
  readonly #machine: Machine;

  constructor(store: CacheStore, machine: Machine) {
    this.#store = store;
    this.#machine = machine;
  }

  async read(key: string): Promise<CacheParts | undefined> {
    const entry = await this.#store.read(key);
    if (entry === undefined) return undefined;
    const parts = this.#decode(key, entry);
    if (parts === undefined) await this.#store.remove(key);
    return parts;
  }

  async write(key: string, parts: CacheParts): Promise<void> {
    const body = encodeParts(parts);
    const digest = this.#digest(key, body);
    await this.#store.write(key, concatenate([encode(MAGIC), encode(digest), body]));
  }

  /** The key is under the digest too, so that one entry cannot stand in for another. */
  #digest(key: string, body: Uint8Array): string {
    return this.#machine.sha256(concatenate([encode(`${key}\n`), body]));
  }

  #decode(key: string, entry: Uint8Array): CacheParts | undefined {
    const start = MAGIC.length + DIGEST_LENGTH;
    if (entry.length < start || decode(entry.subarray(0, MAGIC.length)) !== MAGIC) return undefined;
    const body = entry.subarray(start);
    if (decode(entry.subarray(MAGIC.length, start)) !== this.#digest(key, body)) return undefined;
    return decodeParts(body);
  }
}

/** A JSON line of names and sizes, then the parts. */
function encodeParts(parts: CacheParts): Uint8Array {
  const index = JSON.stringify([...parts].map(([name, bytes]) => [name, bytes.length]));
  return concatenate([encode(`${index}\n`), ...parts.values()]);
}

/** Runs only on a body whose digest was right, so it is what we wrote. */
function decodeParts(body: Uint8Array): CacheParts {
  const end = body.indexOf(0x0a);
  const index = JSON.parse(decode(body.subarray(0, end))) as [name: string, length: number][];
  const parts = new Map<string, Uint8Array>();
  let position = end + 1;
  for (const [name, length] of index) {
    parts.set(name, body.subarray(position, position + length));
    position += length;
  }
  return parts;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
