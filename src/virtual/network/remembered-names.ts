import { type IpAddress, sameAddress } from '../../policy/address/ip-address.ts';

/** Names that an instance can have kept. */
const MAX_NAMES = 1024;

/** Nanoseconds: 10 minutes. */
const LIFETIME = 600e9;

/**
 * Addresses of one answer that a guest is given; more would only be memory of the host's. Answers have a handful.
 */
export const MAX_ADDRESSES = 64;

interface Answer {
  readonly addresses: readonly IpAddress[];
  /** When it came, by the instance's steady clock. */
  readonly at: number;
}

/**
 * The names that a guest looked up lately, with what it was told. A guest connects to an address; for a rule with `*.`, and
 * for a name whose every answer is another one, this tells which name the address belongs to.
 */
export class RememberedNames {
  readonly #now: () => number;
  /** The least lately looked up first. */
  readonly #answers = new Map<string, Answer>();

  /** @param now nanoseconds of a steady clock */
  constructor(now: () => number) {
    this.#now = now;
  }

  remember(name: string, addresses: readonly IpAddress[]): void {
    this.#answers.delete(name);
    this.#answers.set(name, { addresses, at: this.#now() });
    if (this.#answers.size <= MAX_NAMES) return;
    for (const oldest of this.#answers.keys()) {
      this.#answers.delete(oldest);
      break;
    }
  }

  /**
   * The whole answers in which the address was.
   *
   * @param isFor whether a name is of interest
   */
  answersWith(address: IpAddress, isFor: (name: string) => boolean): (readonly IpAddress[])[] {
    const since = this.#now() - LIFETIME;
    const found: (readonly IpAddress[])[] = [];
    for (const [name, { addresses, at }] of this.#answers) {
      if (at < since) this.#answers.delete(name);
      else if (isFor(name) && addresses.some((one) => sameAddress(one, address))) found.push(addresses);
    }
    return found;
  }
}
