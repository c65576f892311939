import { DEFAULT_LIMITS } from '../kernel/meter.ts';
import type { AdjustedCore } from './adjust-core.ts';
import { boundTables, tableSlackWithin } from './core-heap.ts';
import { compileMetered } from './cpu/metered-module.ts';
import { noteStart } from './start-function.ts';

/** Makes something of a program's core modules. They are in the program's order. */
type Make<Made> = (modules: readonly WebAssembly.Module[]) => Made;

/** What an instance asks of the core modules of its program. */
export interface Variant {
  /** They count what they execute. */
  readonly isMetered: boolean;
  /** Entries that their tables may have together. */
  readonly tables: number;
}

/** @returns what an instance under `limits` asks for */
export function variantOf(
  executor: { readonly isMetered: boolean },
  limits: { readonly tables: number },
): Variant {
  return { isMetered: executor.isMetered, tables: limits.tables };
}

/** Variants that are kept of one program, beside the plain one: who lets tenants write policies must not keep them all. */
const MAX_KEPT = 8;

/**
 * The core modules of one program as V8 has compiled them: as they are, and, from the first instance on that asks for it, with
 * code that counts what they execute, or with smaller tables.
 */
export class CoreVariants<Made> {
  readonly #cores: readonly AdjustedCore[];
  readonly #plain: Made;
  readonly #make: Make<Made>;
  readonly #others = new Map<string, Promise<Made>>();

  /** @param plain made of the cores as they are */
  constructor(cores: readonly AdjustedCore[], plain: Made, make: Make<Made>) {
    this.#cores = cores;
    this.#plain = plain;
    this.#make = make;
  }

  /**
   * @throws ProgramError BW_PROGRAM_UNSUPPORTED when the program cannot be metered
   * @throws InstanceError BW_LIMIT_TABLES
   */
  take({ isMetered, tables }: Variant): Made | Promise<Made> {
    if (!isMetered && tables >= DEFAULT_LIMITS.tables) return this.#plain;
    const key = `${isMetered} ${tables}`;
    let found = this.#others.get(key);
    if (found === undefined) {
      found = this.#compile(isMetered, tables);
      found.catch(() => this.#others.delete(key));
    }
    // Last in the map is last to go.
    this.#others.delete(key);
    this.#others.set(key, found);
    if (this.#others.size > MAX_KEPT) this.#others.delete(this.#others.keys().next().value as string);
    return found;
  }

  async #compile(isMetered: boolean, tables: number): Promise<Made> {
    const cores = this.#cores.flatMap(({ bytes, instances }) => Array<Uint8Array>(instances).fill(bytes));
    const slack = tableSlackWithin(cores, tables);
    const compile = isMetered ? compileMetered : compilePlain;
    return this.#make(await Promise.all(this.#cores.map(({ bytes }) => compile(boundTables(bytes, slack)))));
  }
}

async function compilePlain(bytes: Uint8Array): Promise<WebAssembly.Module> {
  const module = await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>);
  noteStart(module, bytes);
  return module;
}
