import { NetworkFailure } from './network-error.ts';
import { sameBytes, type SocketAddress } from './socket-address.ts';
import { isUnspecified } from './valid-address.ts';

/** RFC 6335, 6: the ports that nobody is assigned. */
const FIRST_EPHEMERAL = 49_152;
const LAST_EPHEMERAL = 65_535;

/** Something that holds a local port. */
interface Holder {
  readonly local: SocketAddress;
}

/** The ports of one host in memory, for one protocol. */
export class PortTable<H extends Holder> {
  readonly #holders = new Map<number, H[]>();
  #nextEphemeral = FIRST_EPHEMERAL;

  /** @returns who gets what is sent to that address, the one that holds exactly it first */
  find({ address, port }: SocketAddress): H | undefined {
    const holders = this.#holders.get(keyOf(address.family, port));
    if (holders === undefined) return undefined;
    for (const holder of holders) if (sameBytes(holder.local.address.bytes, address.bytes)) return holder;
    for (const holder of holders) if (isUnspecified(holder.local.address)) return holder;
    return undefined;
  }

  /**
   * @returns the address that can be held: `local`, with a port where it has none
   * @throws NetworkFailure `address-in-use`
   */
  choose(local: SocketAddress): SocketAddress {
    if (local.port !== 0) {
      if (this.#isFree(local)) return local;
      throw new NetworkFailure('address-in-use');
    }
    for (let tries = FIRST_EPHEMERAL; tries <= LAST_EPHEMERAL; tries++) {
      const chosen = { ...local, port: this.ephemeral() };
      if (this.#isFree(chosen)) return chosen;
    }
    throw new NetworkFailure('address-in-use');
  }

  /** The next port in turn, whoever has it. */
  ephemeral(): number {
    const port = this.#nextEphemeral;
    this.#nextEphemeral = port === LAST_EPHEMERAL ? FIRST_EPHEMERAL : port + 1;
    return port;
  }

  add(holder: H): void {
    const key = keyOf(holder.local.address.family, holder.local.port);
    const holders = this.#holders.get(key);
    if (holders === undefined) this.#holders.set(key, [holder]);
    else holders.push(holder);
  }

  delete(holder: H): void {
    const key = keyOf(holder.local.address.family, holder.local.port);
    const left = this.#holders.get(key)?.filter((one) => one !== holder) ?? [];
    if (left.length === 0) this.#holders.delete(key);
    else this.#holders.set(key, left);
  }

  /** Whoever holds all addresses, holds each of them. */
  #isFree({ address, port }: SocketAddress): boolean {
    const holders = this.#holders.get(keyOf(address.family, port)) ?? [];
    if (isUnspecified(address)) return holders.length === 0;
    return !holders.some(
      ({ local }) => isUnspecified(local.address) || sameBytes(local.address.bytes, address.bytes),
    );
  }
}

function keyOf(family: 4 | 6, port: number): number {
  return family === 4 ? port : port | 0x10000;
}
