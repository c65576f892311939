import { LinkError } from '../../../src/errors.ts';
import { type Handles, JcoHandles, type JcoTable } from '../abi/handles.ts';
import { type Resource, RESOURCE_INTERFACE } from '../abi/resources.ts';
import type { Context } from '../context.ts';

/** A function over several resource types of one interface, whose tables may come in any order. */
interface Group {
  readonly resources: readonly Resource[];
  readonly tables: readonly JcoTable[];
  readonly handles: readonly JcoHandles<object>[];
}

/**
 * Finds out which of the handle tables that jco's glue hands over serves which resource type.
 *
 * The glue says it by their order alone: that of the types in the component. WIT must define a type before it is used, so
 * types of different interfaces always come as `Lowering.resources` has them. Types of one interface can come in any order;
 * other functions, which use one of them only, tell which is which.
 */
export class TableFinder {
  readonly #context: Context;
  readonly #known = new Map<JcoTable, Resource>();
  readonly #groups: Group[] = [];

  constructor(context: Context) {
    this.#context = context;
  }

  /** @throws LinkError when the component's idea of the function is not WASI's */
  find(
    name: string,
    resources: readonly Resource[],
    tables: readonly JcoTable[],
  ): Record<string, Handles<object>> {
    if (resources.length !== tables.length) {
      throw new LinkError(`The component imports ${name} with a signature that is not WASI's.`, [name]);
    }
    const handles = resources.map(
      (resource, i) => new JcoHandles<object>(tables[i] as JcoTable, this.#context.resources[resource]),
    );
    for (let start = 0, end; start < resources.length; start = end) {
      end = endOfInterface(resources, start);
      if (end === start + 1) this.#learn(name, tables[start] as JcoTable, resources[start] as Resource);
      else {
        const cut = <T>(values: readonly T[]): T[] => values.slice(start, end);
        this.#addGroup({ resources: cut(resources), tables: cut(tables), handles: cut(handles) });
      }
    }
    return Object.fromEntries(resources.map((resource, i) => [resource, handles[i] as Handles<object>]));
  }

  #learn(name: string, table: JcoTable, resource: Resource): void {
    const known = this.#known.get(table);
    if (known === resource) return;
    if (known !== undefined) {
      throw new LinkError(`The component defines the resources of ${name} in an order that is not WASI's.`, [
        name,
      ]);
    }
    this.#known.set(table, resource);
    for (const group of this.#groups) this.#order(group);
  }

  #addGroup(group: Group): void {
    this.#groups.push(group);
    this.#order(group);
  }

  /** Puts the tables that are known where they belong, and the others in their order in the places that are left. */
  #order({ resources, tables, handles }: Group): void {
    const unknown = tables.filter((table) => !resources.includes(this.#known.get(table) as Resource));
    for (const [i, resource] of resources.entries()) {
      const known = tables.find((table) => this.#known.get(table) === resource);
      handles[i]?.rebind(known ?? unknown.shift() ?? (tables[i] as JcoTable));
    }
  }
}

/** @returns where the types that are of the same interface as that at `start` end */
function endOfInterface(resources: readonly Resource[], start: number): number {
  const first = RESOURCE_INTERFACE[resources[start] as Resource];
  let end = start + 1;
  while (end < resources.length && RESOURCE_INTERFACE[resources[end] as Resource] === first) end++;
  return end;
}
