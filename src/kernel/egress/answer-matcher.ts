import { type Cidr, cidrContains, parseCidr } from '../../policy/address/cidr.ts';
import type { IpAddress } from '../../policy/address/ip-address.ts';
import { isSpecial } from './special-addresses.ts';

/** Which addresses a name may have: those in the rule's `addresses`, or, where it has none, public ones. */
export class AnswerMatcher {
  readonly #blocks: readonly Cidr[] | undefined;

  /** @param addresses of a valid policy */
  constructor(addresses: readonly string[] | undefined) {
    this.#blocks = addresses?.map((text) => {
      const block = parseCidr(text);
      if (block === undefined) throw new TypeError(`no block of addresses: ${text}`);
      return block;
    });
  }

  allows(address: IpAddress): boolean {
    const blocks = this.#blocks;
    if (blocks === undefined) return !isSpecial(address);
    for (let index = 0; index < blocks.length; index++) {
      if (cidrContains(blocks[index] as Cidr, address)) return true;
    }
    return false;
  }
}
