import { trap } from '../trap.ts';
import type { HandleMeter } from './handle-meter.ts';
import type { Sweep } from './sweep.ts';

/** Something that a component has an index for. */
export interface TableEntry {
  /** For records of limits, and messages. Undefined for what the host counts itself. */
  readonly counted: string | undefined;
  /** The instance has ended: what is behind it is given back. */
  release(): void;
}

/** Fewer than the specification's 2^28 - 1, and as many as in Wasmtime: what nobody else counts is bounded by this alone. */
const MAX_LENGTH = 1_000_000;

/**
 * Everything that a component instance has handles for, of all kinds in one index space.
 *
 * @see definitions.py of the Canonical ABI, `Table`
 */
export class HandleTable {
  readonly #meter: HandleMeter;
  /** 0 is no index. */
  readonly #entries: (TableEntry | undefined)[] = [undefined];
  readonly #free: number[] = [];

  constructor(meter: HandleMeter) {
    this.#meter = meter;
  }

  get(index: number): TableEntry {
    return this.#entries[index] ?? trap(`unknown handle index ${index}`);
  }

  add(entry: TableEntry): number {
    if (this.#free.length === 0 && this.#entries.length > MAX_LENGTH) trap('too many handles');
    if (entry.counted !== undefined) this.#meter.open(entry.counted);
    const index = this.#free.pop() ?? this.#entries.length;
    this.#entries[index] = entry;
    return index;
  }

  remove(index: number): TableEntry {
    const entry = this.get(index);
    this.#entries[index] = undefined;
    this.#free.push(index);
    if (entry.counted !== undefined) this.#meter.close();
    return entry;
  }

  /** Nothing is left in it. */
  release(sweep: Sweep): void {
    for (let index = 1; index < this.#entries.length; index++)
      if (this.#entries[index] !== undefined) sweep.do(() => this.remove(index).release());
  }
}
