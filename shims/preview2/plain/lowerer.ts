import { LinkError } from '../../../src/errors.ts';
import type { Executor } from '../../../src/virtual/executor.ts';
import { GuestMemory } from '../../guest-memory.ts';
import { type Handles, JcoHandles, type JcoTable } from '../abi/handles.ts';
import type { Canon, CoreFunction, Lowering, Realloc } from '../abi/lowering.ts';
import type { Resource } from '../abi/resources.ts';
import { trap } from '../abi/trap.ts';
import type { Context } from '../context.ts';

/** What jco's glue hands to `cabiLower`; see jco's docs/src/optimized-host-bindings.md. */
export interface CabiOptions {
  readonly memory?: WebAssembly.Memory;
  readonly realloc?: Realloc;
  readonly stringEncoding?: string;
  /** Ordered by the types' numbers in WIT, not as they stand in the function's signature. */
  readonly resourceTables?: readonly JcoTable[];
}

/** Makes the lowered functions of one instance for jco's glue. */
export class Lowerer {
  readonly #context: Context;
  readonly #executor: Executor;
  readonly #memories = new Map<WebAssembly.Memory, GuestMemory>();
  readonly #tables = new Map<JcoTable, { readonly resource: Resource; readonly handles: Handles<object> }>();

  constructor(context: Context, executor: Executor) {
    this.#context = context;
    this.#executor = executor;
  }

  /** @throws LinkError when the component's idea of the function is not ours */
  lower(name: string, lowering: Lowering, options: CabiOptions): CoreFunction {
    const { stringEncoding = 'utf8', memory, realloc, resourceTables = [] } = options;
    if (stringEncoding !== 'utf8') {
      throw new LinkError(
        `The component passes strings as ${stringEncoding} to ${name}; only UTF-8 is supported.`,
        [name],
      );
    }
    const canon: Canon = {
      memory: this.#memory(memory),
      realloc: realloc ?? (() => trap(`${name} has no realloc`)),
      handles: this.#handles(name, lowering.resources ?? [], resourceTables) as Canon['handles'],
    };
    const fn = lowering.lower(this.#context, canon);
    return lowering.blocking === true ? this.#executor.suspending(fn) : fn;
  }

  #memory(memory: WebAssembly.Memory | undefined): GuestMemory {
    if (memory === undefined) return new GuestMemory();
    let bound = this.#memories.get(memory);
    if (bound === undefined) {
      bound = new GuestMemory();
      bound.bind(memory);
      this.#memories.set(memory, bound);
    }
    return bound;
  }

  /**
   * WIT must define a type before it is used, so the tables come in the order of `resources`. Two types of one interface
   * could come the other way round: then a table is found to serve two types, and the component is refused.
   */
  #handles(
    name: string,
    resources: readonly Resource[],
    tables: readonly JcoTable[],
  ): Record<string, Handles<object>> {
    if (resources.length !== tables.length) {
      throw new LinkError(`The component imports ${name} with a signature that is not WASI's.`, [name]);
    }
    return Object.fromEntries(
      resources.map((resource, i) => {
        const table = tables[i] as JcoTable;
        let known = this.#tables.get(table);
        if (known === undefined) {
          known = { resource, handles: new JcoHandles(table, this.#context.resources[resource]) };
          this.#tables.set(table, known);
        }
        if (known.resource !== resource) {
          throw new LinkError(
            `The component defines the resources of ${name} in an order that is not WASI's.`,
            [name],
          );
        }
        return [resource, known.handles];
      }),
    );
  }
}
