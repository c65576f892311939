import { LinkError } from '../../../src/errors.ts';
import type { Executor } from '../../../src/virtual/executor.ts';
import type { GuestMemory } from '../../guest-memory.ts';
import type { JcoTable } from '../abi/handles.ts';
import { type Canon, type CoreFunction, type Lowering, type Realloc, suspends } from '../abi/lowering.ts';
import { trap } from '../../trap.ts';
import type { Context } from '../context.ts';
import { TableFinder } from './table-finder.ts';

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
  readonly #tables: TableFinder;

  constructor(context: Context, executor: Executor) {
    this.#context = context;
    this.#executor = executor;
    this.#tables = new TableFinder(context);
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
      handles: this.#tables.find(name, lowering.resources ?? [], resourceTables) as Canon['handles'],
    };
    const fn = lowering.lower(this.#context, canon);
    return suspends(lowering, this.#context) ? this.#executor.suspending(fn) : fn;
  }

  #memory(memory: WebAssembly.Memory | undefined): GuestMemory {
    if (memory === undefined) return this.#context.newMemory();
    let bound = this.#memories.get(memory);
    if (bound === undefined) {
      bound = this.#context.newMemory();
      bound.bind(memory);
      this.#memories.set(memory, bound);
    }
    return bound;
  }
}
