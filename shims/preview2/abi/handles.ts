import { trap } from '../../trap.ts';

/** The handles of one resource type as a guest knows them: small integers. */
export interface Handles<T extends object> {
  /** Traps when `handle` is not one that is open. */
  get(handle: number): T;
  add(item: T): number;
  /** Takes an owned handle away from the guest: what it passes as an owned parameter. Traps like `get`. */
  take(handle: number): T;
}

/**
 * Handles and what they stand for. The lowest free one is not looked for: like the Canonical ABI's tables, the one
 * that was freed last is given out next. 0 is never a handle.
 */
export class HandleTable<T extends object> implements Handles<T> {
  readonly #resource: string;
  /** An object, or the next free index. */
  readonly #items: (T | number)[] = [0];
  #free = 0;

  /** @param resource the WIT name, for messages */
  constructor(resource: string) {
    this.#resource = resource;
  }

  get(handle: number): T {
    const item = this.#items[handle];
    return typeof item === 'object' ? item : this.unknown(handle);
  }

  add(item: T): number {
    const items = this.#items;
    const index = this.#free;
    if (index === 0) return items.push(item) - 1;
    this.#free = items[index] as number;
    items[index] = item;
    return index;
  }

  take(handle: number): T {
    return this.remove(handle);
  }

  remove(handle: number): T {
    const item = this.get(handle);
    this.#items[handle] = this.#free;
    this.#free = handle;
    return item;
  }

  /** Takes everything out. */
  *drain(): Generator<T> {
    const items = this.#items.splice(1);
    this.#free = 0;
    for (const item of items) if (typeof item === 'object') yield item;
  }

  unknown(handle: number): never {
    trap(`${handle} is not a handle of a ${this.#resource}`);
  }
}

/** Set in the first word of a free entry, and in the second of an owned one. */
const FLAG = 1 << 30;

/** A handle table of jco's glue: pairs of words; https://github.com/bytecodealliance/jco/blob/main/docs/src/optimized-host-bindings.md */
export interface JcoTable extends Array<number> {
  _createdReps?: Set<number>;
}

/**
 * Handles in a table of jco's glue, which its own code reads as well (resource drops, resources that pass between
 * components). The table holds the index into ours, which the glue calls the rep.
 */
export class JcoHandles<T extends object> implements Handles<T> {
  #table: JcoTable;
  readonly #reps: HandleTable<T>;

  constructor(table: JcoTable, reps: HandleTable<T>) {
    this.#table = table;
    this.#reps = reps;
  }

  /** Puts right which table it is. */
  rebind(table: JcoTable): void {
    this.#table = table;
  }

  get(handle: number): T {
    const index = handle * 2;
    const scope = this.#table[index];
    const value = this.#table[index + 1];
    if (scope === undefined || value === undefined || (scope & FLAG) !== 0) return this.#reps.unknown(handle);
    return this.#reps.get(value & ~FLAG);
  }

  add(item: T): number {
    const table = this.#table;
    const rep = this.#reps.add(item);
    table._createdReps?.add(rep);
    const free = (table[0] as number) & ~FLAG;
    if (free === 0) return table.push(0, rep | FLAG) / 2 - 1;
    table[0] = table[free * 2] as number;
    table[free * 2] = 0;
    table[free * 2 + 1] = rep | FLAG;
    return free;
  }

  take(handle: number): T {
    const table = this.#table;
    const index = handle * 2;
    const scope = table[index];
    const value = table[index + 1];
    // Not one that is free, and none that is borrowed or lent.
    if (scope !== 0 || value === undefined || (value & FLAG) === 0) return this.#reps.unknown(handle);
    const item = this.#reps.remove(value & ~FLAG);
    table[index] = (table[0] as number) | FLAG;
    table[0] = handle | FLAG;
    return item;
  }
}
