import type { Host, HostPattern } from '../../policy/address/host.ts';

/** A rule with the host that it is for. */
interface HasHost {
  readonly matcher: { readonly host: HostPattern };
}

/** Rules by their hosts: of hundreds, a request has to ask the few whose host may be its own. */
export class HostIndex<R extends HasHost> {
  readonly #names = new Map<string, R[]>();
  /** Those for `*.` and a name, by the name. */
  readonly #parents = new Map<string, R[]>();
  readonly #addresses: R[] = [];

  constructor(rules: readonly R[]) {
    for (const rule of rules) {
      const { host } = rule.matcher;
      if (host.kind === 'name') add(this.#names, host.name, rule);
      else if (host.kind === 'subdomains') add(this.#parents, host.of, rule);
      else this.#addresses.push(rule);
    }
  }

  /** @returns the rules whose host may be this one; the others are not for it */
  rulesFor(host: Host): readonly R[] {
    if (typeof host !== 'string') return this.#addresses;
    let found: readonly R[] = this.#names.get(host) ?? NONE;
    if (this.#parents.size === 0) return found;
    for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
      const below = this.#parents.get(host.slice(dot + 1));
      // Mostly there is one list, and nothing to copy.
      if (below !== undefined) found = found.length === 0 ? below : [...found, ...below];
    }
    return found;
  }
}

const NONE: readonly never[] = [];

function add<R>(rules: Map<string, R[]>, name: string, rule: R): void {
  const known = rules.get(name);
  if (known === undefined) rules.set(name, [rule]);
  else known.push(rule);
}
