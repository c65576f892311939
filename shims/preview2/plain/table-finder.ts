import { LinkError } from '../../../src/errors.ts';
import { type Handles, JcoHandles, type JcoTable } from '../abi/handles.ts';
import { type Resource, RESOURCE_INTERFACE } from '../abi/resources.ts';
import type { Context } from '../context.ts';

/** A function over two resource types of one interface, whose tables may come either way round. */
interface Pair {
  readonly resources: readonly [Resource, Resource];
  readonly tables: readonly [JcoTable, JcoTable];
  readonly handles: readonly [JcoHandles<object>, JcoHandles<object>];
}

/**
 * Finds out which of the handle tables that jco's glue hands over serves which resource type.
 *
 * The glue says it by their order alone: that of the types in the component. WIT must define a type before it is used, so
 * types of different interfaces always come as `Lowering.resources` has them. Two types of one interface can come either
 * way; other functions, which use one of them only, tell which is which.
 */
export class TableFinder {
  readonly #context: Context;
  readonly #known = new Map<JcoTable, Resource>();
  readonly #pairs: Pair[] = [];

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
    const second = resources.findIndex(
      (resource, i) => i > 0 && sameInterface(resource, resources[i - 1] as Resource),
    );
    for (const [i, table] of tables.entries()) {
      if (second < 0 || (i !== second && i !== second - 1))
        this.#learn(name, table, resources[i] as Resource);
    }
    if (second > 0) this.#addPair(pairOf(resources, second), pairOf(tables, second), pairOf(handles, second));
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
    for (const pair of this.#pairs) this.#order(pair);
  }

  #addPair(resources: Pair['resources'], tables: Pair['tables'], handles: Pair['handles']): void {
    const pair = { resources, tables, handles };
    this.#pairs.push(pair);
    this.#order(pair);
  }

  #order({ resources: [first, second], tables: [one, other], handles }: Pair): void {
    if (this.#known.get(one) !== second && this.#known.get(other) !== first) return;
    handles[0].rebind(other);
    handles[1].rebind(one);
  }
}

function sameInterface(one: Resource, other: Resource): boolean {
  return RESOURCE_INTERFACE[one] === RESOURCE_INTERFACE[other];
}

function pairOf<T>(values: readonly T[], second: number): readonly [T, T] {
  return [values[second - 1] as T, values[second] as T];
}
