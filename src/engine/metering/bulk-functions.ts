import type { HelperFunctions } from './body-plan.ts';
import type { MeteringIndices } from './body-writer.ts';
import { ByteWriter } from './byte-writer.ts';
import { Op } from './operators.ts';

/** Bytes that are filled or copied at a time; a fraction of a millisecond. */
const PIECE = 1 << 20;

const I32 = 0x7f;
const I64 = 0x7e;
const EMPTY = 0x40;

/** A function that the metering adds to a module. */
export interface AddedFunction {
  /** Value types of its three parameters. */
  readonly parameters: readonly number[];
  /** With its locals. */
  readonly body: Uint8Array;
}

/**
 * Functions that fill and copy memory, in pieces when it is much: no operator may keep the thread for long. What does not lie within
 * the memory is left to the operator, which traps before it writes anything, as the specification says.
 */
export class BulkFunctions implements HelperFunctions {
  readonly added: AddedFunction[] = [];
  readonly #first: number;
  readonly #wide: readonly boolean[];
  readonly #indices: MeteringIndices;
  readonly #known = new Map<string, number>();

  /** @param first index of the first one. @param wide which memories have addresses of 64 bits */
  constructor(first: number, wide: readonly boolean[], indices: MeteringIndices) {
    this.#first = first;
    this.#wide = wide;
    this.#indices = indices;
  }

  fill(memory: number): number {
    return this.#index(`fill ${memory}`, () => {
      const wide = this.#wide[memory] === true;
      const code = new BulkCode(wide, this.#indices);
      const operator = [Op.misc, 0x0b, ...leb(memory)];
      return { parameters: [code.type, I32, code.type], body: code.fill(memory, operator) };
    });
  }

  copy(to: number, from: number): number {
    return this.#index(`copy ${to} ${from}`, () => {
      const code = new BulkCode(this.#wide[to] === true, this.#indices);
      const operator = [Op.misc, 0x0a, ...leb(to), ...leb(from)];
      return { parameters: [code.type, code.type, code.type], body: code.copy(to, from, operator) };
    });
  }

  #index(key: string, make: () => AddedFunction): number {
    let index = this.#known.get(key);
    if (index === undefined) {
      index = this.#first + this.added.length;
      this.#known.set(key, index);
      this.added.push(make());
    }
    return index;
  }
}

/** Locals: what is filled or copied to, the byte or what is copied from, how many bytes, and the counter. */
const TO = 0;
const OTHER = 1;
const COUNT = 2;
const COUNTER = 3;

/** Operators on addresses, of 32 and of 64 bits. */
const NARROW = { const: Op.i32Const, add: 0x6a, sub: 0x6b, gtU: 0x4b, leU: 0x4d, shrU: 0x76 } as const;
const WIDE = { const: Op.i64Const, add: 0x7c, sub: 0x7d, gtU: 0x56, leU: 0x58, shrU: 0x88 } as const;
const I64_GT_U = 0x56;
const I64_SUB = 0x7d;
const I64_SHL = 0x86;
const I64_EXTEND_U = 0xad;
const I32_WRAP = 0xa7;
const I32_OR = 0x72;

class BulkCode {
  readonly type: number;
  readonly #out = new ByteWriter(256);
  readonly #wide: boolean;
  readonly #of: typeof NARROW | typeof WIDE;
  readonly #indices: MeteringIndices;

  constructor(wide: boolean, indices: MeteringIndices) {
    this.type = wide ? I64 : I32;
    this.#wide = wide;
    this.#of = wide ? WIDE : NARROW;
    this.#indices = indices;
  }

  fill(memory: number, operator: readonly number[]): Uint8Array {
    this.#begin([[memory, TO]], operator);
    this.#pieces(() => {
      this.#get(TO, OTHER);
      this.#piece();
      this.#all(operator);
      this.#get(TO);
      this.#piece();
      this.#all([this.#of.add, Op.localSet, TO]);
      this.#lessCount();
    });
    return this.#end(operator);
  }

  copy(to: number, from: number, operator: readonly number[]): Uint8Array {
    this.#begin(
      [
        [to, TO],
        [from, OTHER],
      ],
      operator,
    );
    // What overlaps is copied from the side on which nothing gets lost.
    this.#get(TO, OTHER);
    this.#all([this.#of.leU, Op.if, EMPTY]);
    this.#pieces(() => {
      this.#get(TO, OTHER);
      this.#piece();
      this.#all(operator);
      for (const address of [TO, OTHER]) {
        this.#get(address);
        this.#piece();
        this.#all([this.#of.add, Op.localSet, address]);
      }
      this.#lessCount();
    });
    this.#all([Op.else]);
    this.#pieces(() => {
      this.#lessCount();
      for (const address of [TO, OTHER]) {
        this.#get(address, COUNT);
        this.#all([this.#of.add]);
      }
      this.#piece();
      this.#all(operator);
    });
    this.#all([Op.end]);
    return this.#end(operator);
  }

  /** Does what is small, or traps, at once. */
  #begin(
    memories: readonly (readonly [memory: number, address: number])[],
    operator: readonly number[],
  ): void {
    this.#all([1, 1, I32]);
    this.#get(COUNT);
    this.#piece();
    this.#all([this.#of.leU]);
    for (const [memory, address] of memories) {
      this.#isBeyond(memory, address);
      this.#all([I32_OR]);
    }
    this.#all([Op.if, EMPTY]);
    this.#chargeCount();
    this.#get(TO, OTHER, COUNT);
    this.#all([...operator, Op.return, Op.end]);
  }

  /** count > size || address > size - count */
  #isBeyond(memory: number, address: number): void {
    const size = [
      Op.memorySize,
      ...leb(memory),
      ...(this.#wide ? [] : [I64_EXTEND_U]),
      Op.i64Const,
      16,
      I64_SHL,
    ];
    this.#wideGet(COUNT);
    this.#all([...size, I64_GT_U]);
    this.#wideGet(address);
    this.#all(size);
    this.#wideGet(COUNT);
    this.#all([I64_SUB, I64_GT_U, I32_OR]);
  }

  #pieces(piece: () => void): void {
    this.#all([Op.loop, EMPTY]);
    this.#charge(() => this.#all([Op.i32Const, ...constant(PIECE >> 4)]));
    piece();
    this.#get(COUNT);
    this.#piece();
    this.#all([this.#of.gtU, Op.brIf, 0, Op.end]);
  }

  /** What is left is done in one. */
  #end(operator: readonly number[]): Uint8Array {
    this.#chargeCount();
    this.#get(TO, OTHER, COUNT);
    this.#all([...operator, Op.end]);
    return this.#out.written;
  }

  #chargeCount(): void {
    this.#charge(() => {
      this.#get(COUNT);
      this.#all([this.#of.const, 4, this.#of.shrU, ...(this.#wide ? [I32_WRAP] : [])]);
    });
  }

  /** counter -= cost; if (counter < 0) counter = tick(counter) */
  #charge(cost: () => void): void {
    const { counter, tick, tickType } = this.#indices;
    this.#all([Op.globalGet, ...leb(counter)]);
    cost();
    this.#all([Op.i32Sub, Op.localTee, COUNTER, Op.globalSet, ...leb(counter)]);
    this.#all([Op.localGet, COUNTER, Op.i32Const, 0, Op.i32LessSigned, Op.if, EMPTY]);
    this.#all([Op.localGet, COUNTER, Op.globalGet, ...leb(tick), Op.callRef, ...leb(tickType)]);
    this.#all([Op.globalSet, ...leb(counter), Op.end]);
  }

  #lessCount(): void {
    this.#get(COUNT);
    this.#piece();
    this.#all([this.#of.sub, Op.localSet, COUNT]);
  }

  #piece(): void {
    this.#all([this.#of.const, ...constant(PIECE)]);
  }

  #get(...locals: readonly number[]): void {
    for (const local of locals) this.#out.two(Op.localGet, local);
  }

  #wideGet(local: number): void {
    this.#get(local);
    if (!this.#wide) this.#out.byte(I64_EXTEND_U);
  }

  #all(bytes: readonly number[]): void {
    this.#out.all(bytes);
  }
}

function leb(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

/** With a sign. */
function constant(value: number): readonly number[] {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...constant(value >>> 7)];
}
