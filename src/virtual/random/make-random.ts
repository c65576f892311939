import { GRANTED, type Grant } from '../../kernel/grant.ts';
import type { Guard } from '../../kernel/guard.ts';
import type { Meter } from '../../kernel/meter.ts';
import type { Machine } from '../machine.ts';
import { ChaCha20Stream } from './chacha20.ts';
import type { Random } from './random.ts';

/** What the policy says of randomness, bound to the instance. `key` is 32 bytes. */
export type RandomSource =
  | { readonly kind: 'absent' }
  | { readonly kind: 'secure'; readonly grant: Grant }
  | { readonly kind: 'seeded'; readonly grant: Grant; readonly key: Uint8Array };

/**
 * The randomness of an instance.
 *
 * Without a grant, `wasi:random/random` is denied, and `insecure` and `insecure-seed` answer from a fixed stream
 * (ChaCha20, all-zero key): hash tables cannot live without a seed, and one that everybody knows carries nothing in.
 */
export function makeRandom(source: RandomSource, guard: Guard, meter: Meter, machine: Machine): Random {
  switch (source.kind) {
    case 'absent':
      return new AbsentRandom(guard);
    case 'secure':
      return new SecureRandom(source.grant, guard, meter, machine);
    case 'seeded':
      return new SeededRandom(source.grant, source.key, guard, meter);
  }
}

const NO_KEY = new Uint8Array(32);

class AbsentRandom implements Random {
  readonly #guard: Guard;
  #fixed: ChaCha20Stream | undefined;

  constructor(guard: Guard) {
    this.#guard = guard;
  }

  fill(): boolean {
    this.#guard.refuse('random', 'random');
    return false;
  }

  fillInsecure(target: Uint8Array, offset: number, length: number): void {
    (this.#fixed ??= new ChaCha20Stream(NO_KEY)).fill(target, offset, length);
  }
}

class SecureRandom implements Random {
  readonly #grant: Grant;
  readonly #guard: Guard;
  readonly #meter: Meter;
  readonly #machine: Machine;

  constructor(grant: Grant, guard: Guard, meter: Meter, machine: Machine) {
    this.#grant = grant;
    this.#guard = guard;
    this.#meter = meter;
    this.#machine = machine;
  }

  fill(target: Uint8Array, offset: number, length: number): boolean {
    const permit = this.#guard.permit(this.#grant, GRANTED, 'random', 'random');
    if (permit === undefined) return false;
    this.#machine.fillRandom(permit, target, offset, length);
    this.#meter.randomBytes += length;
    return true;
  }

  fillInsecure(target: Uint8Array, offset: number, length: number): void {
    if (!this.fill(target, offset, length)) target.fill(0, offset, offset + length);
  }
}

class SeededRandom implements Random {
  readonly #grant: Grant;
  readonly #guard: Guard;
  readonly #meter: Meter;
  readonly #stream: ChaCha20Stream;

  constructor(grant: Grant, key: Uint8Array, guard: Guard, meter: Meter) {
    this.#grant = grant;
    this.#guard = guard;
    this.#meter = meter;
    this.#stream = new ChaCha20Stream(key);
  }

  fill(target: Uint8Array, offset: number, length: number): boolean {
    if (!this.#guard.admit(this.#grant, GRANTED, 'random', 'random')) return false;
    this.#stream.fill(target, offset, length);
    this.#meter.randomBytes += length;
    return true;
  }

  fillInsecure(target: Uint8Array, offset: number, length: number): void {
    if (!this.fill(target, offset, length)) target.fill(0, offset, offset + length);
  }
}
