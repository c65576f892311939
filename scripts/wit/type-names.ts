import { pascalCase } from '../../shims/canonical-abi/names.ts';
import type { Declaration, Resolver } from './resolver.ts';
import type { WitTypeBody } from './syntax.ts';

/** `FilesystemTypes` for `wasi:filesystem/types`. */
export function interfaceName(path: string): string {
  const [, packageName = '', name = ''] = path.split(/[:/]/);
  return pascalCase(packageName) + pascalCase(name);
}

/** Names of TypeScript for types of WIT. A name that more than one interface declares gets the interface in front. */
export class TypeNames {
  readonly #names = new Map<WitTypeBody, string>();

  constructor(resolver: Resolver) {
    const all = [...resolver.interfaces.values()].flatMap((home) =>
      [...home.types].map(([name, body]) => ({ home, name, body })),
    );
    const counts = Map.groupBy(all, ({ name }) => name);
    for (const { home, name, body } of all) {
      const isShared = (counts.get(name)?.length ?? 0) > 1;
      this.#names.set(body, (isShared ? prefixOf(home.path) : '') + pascalCase(name));
    }
  }

  of({ body, name }: Declaration): string {
    return this.#names.get(body) ?? pascalCase(name);
  }
}

/** `Filesystem` for `wasi:filesystem/types`, `IpNameLookup` for `wasi:sockets/ip-name-lookup`. */
function prefixOf(path: string): string {
  const [, packageName = '', name = ''] = path.split(/[:/]/);
  return pascalCase(name === 'types' ? packageName : name);
}
