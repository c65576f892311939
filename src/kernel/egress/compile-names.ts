import { parseHostPattern } from '../../policy/address/host.ts';
import { HostMatcher } from './host-matcher.ts';
import type { NameMatcher } from './matchers.ts';

/** @param names of a `dns` rule of a valid policy: exact, or `*.` and a name */
export function compileNameMatcher(names: readonly string[]): NameMatcher {
  return new CompiledNameMatcher(names);
}

class CompiledNameMatcher implements NameMatcher {
  readonly #exact: ReadonlySet<string>;
  readonly #subdomains: readonly HostMatcher[];

  constructor(names: readonly string[]) {
    const exact = new Set<string>();
    const subdomains: HostMatcher[] = [];
    for (const text of names) {
      const pattern = parseHostPattern(text);
      if (pattern?.kind === 'name') exact.add(pattern.name);
      else if (pattern?.kind === 'subdomains') subdomains.push(new HostMatcher(pattern));
      else throw new TypeError(`no name: ${text}`);
    }
    this.#exact = exact;
    this.#subdomains = subdomains;
  }

  matches(name: string): boolean {
    if (this.#exact.has(name)) return true;
    for (let index = 0; index < this.#subdomains.length; index++) {
      if ((this.#subdomains[index] as HostMatcher).matchesName(name)) return true;
    }
    return false;
  }
}
