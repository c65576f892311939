import type { HelperFunctions } from './body-plan.ts';
import type { MeteringIndices } from './body-writer.ts';
import { BulkCode, type BulkOperator } from './bulk-code.ts';
import { leb } from './byte-writer.ts';
import type { IndexSpaces } from './index-spaces.ts';
import { Misc, Op } from './operators.ts';

/** A function that the metering adds to a module. */
export interface AddedFunction {
  /** Value types of its parameters. It has no results. */
  readonly parameters: readonly (readonly number[])[];
  /** With its locals. */
  readonly body: Uint8Array;
}

type Spaces = Pick<IndexSpaces, 'memories' | 'tables'>;

/** Functions that fill and copy in pieces when it is much: no operator may keep the thread for long. */
export class BulkFunctions implements HelperFunctions {
  readonly added: AddedFunction[] = [];
  readonly #first: number;
  readonly #spaces: Spaces;
  readonly #indices: MeteringIndices;
  readonly #known = new Map<string, number>();

  /** @param first index of the first one */
  constructor(first: number, spaces: Spaces, indices: MeteringIndices) {
    this.#first = first;
    this.#spaces = spaces;
    this.#indices = indices;
  }

  helper(operator: number, first: number, second: number): number {
    const key = `${operator} ${first} ${second}`;
    let index = this.#known.get(key);
    if (index === undefined) {
      index = this.#first + this.added.length;
      this.#known.set(key, index);
      const described = this.#describe(operator, first, second);
      this.added.push({
        parameters: described.parameters,
        body: new BulkCode(described, this.#indices).body(),
      });
    }
    return index;
  }

  #describe(operator: number, first: number, second: number): BulkOperator {
    const bytes = (...immediates: readonly number[]): readonly number[] => [
      Op.misc,
      operator,
      ...immediates.flatMap(leb),
    ];
    switch (operator) {
      case Misc.memoryFill: {
        const to = this.#memory(first);
        return { ...to, ...fill(to.isWide, [I32]), bytes: bytes(first) };
      }
      case Misc.memoryCopy: {
        const to = this.#memory(first);
        const { isWide, memory } = this.#memory(second);
        return {
          ...to,
          ...copy(to.isWide, isWide),
          bytes: bytes(first, second),
          fromMemory: memory,
          mayOverlap: first === second,
        };
      }
      case Misc.memoryInit: {
        const to = this.#memory(second);
        return { ...to, ...copy(to.isWide, false), bytes: bytes(first, second) };
      }
      case Misc.tableFill: {
        const to = this.#table(first);
        return { ...to, ...fill(to.isWide, to.entry), bytes: bytes(first) };
      }
      case Misc.tableCopy: {
        const to = this.#table(first);
        return {
          ...to,
          ...copy(to.isWide, this.#table(second).isWide),
          bytes: bytes(first, second),
          mayOverlap: first === second,
        };
      }
      default: {
        const to = this.#table(second);
        return { ...to, ...copy(to.isWide, false), bytes: bytes(first, second) };
      }
    }
  }

  #memory(index: number): { isWide: boolean; memory: number; isTable: false; mayOverlap: false } {
    const isWide = this.#spaces.memories[index] === true;
    return { isWide, memory: index, isTable: false, mayOverlap: false };
  }

  #table(index: number): { isWide: boolean; entry: readonly number[]; isTable: true; mayOverlap: false } {
    const { wide = false, entry = [] } = this.#spaces.tables[index] ?? {};
    return { isWide: wide, entry, isTable: true, mayOverlap: false };
  }
}

const I32 = 0x7f;
const I64 = 0x7e;

type Parameters = Pick<BulkOperator, 'parameters' | 'isFromWide' | 'isCountWide' | 'hasFrom'>;

function fill(isWide: boolean, value: readonly number[]): Parameters {
  const parameters = [address(isWide), value, address(isWide)];
  return { parameters, isFromWide: false, isCountWide: isWide, hasFrom: false };
}

/** Only if both addresses have 64 bits, the count has, too. */
function copy(isWide: boolean, isFromWide: boolean): Parameters {
  const isCountWide = isWide && isFromWide;
  const parameters = [address(isWide), address(isFromWide), address(isCountWide)];
  return { parameters, isFromWide, isCountWide, hasFrom: true };
}

function address(isWide: boolean): readonly number[] {
  return [isWide ? I64 : I32];
}
