import type { MeteringIndices } from './body-writer.ts';
import { ByteWriter, constant, leb } from './byte-writer.ts';
import { BYTES_PER_UNIT_SHIFT, UNITS_PER_ENTRY_SHIFT } from './costs.ts';
import { Op } from './operators.ts';

/** Bytes that are filled or copied at a time: a fraction of a millisecond, if the system has to find pages for them. */
const BYTES = 1 << 20;

/** The same of entries of a table, which take up to 30 ns each. */
const ENTRIES = 1 << 14;

/** An operator with three operands: where to, what or where from, and how much. */
export interface BulkOperator {
  /** The operator with what follows it. */
  readonly bytes: readonly number[];
  readonly isTable: boolean;
  /** Value types of the operands. */
  readonly parameters: readonly (readonly number[])[];
  /** The addresses have 64 bits. */
  readonly isWide: boolean;
  readonly isFromWide: boolean;
  readonly isCountWide: boolean;
  /** The second operand is an address, too. */
  readonly hasFrom: boolean;
  /** The memory that is written to, and that is read. */
  readonly memory?: number;
  readonly fromMemory?: number;
  /** It is the same memory or table. */
  readonly mayOverlap: boolean;
}

const EMPTY = 0x40;
const I64_EXTEND_U = 0xad;
const I32_WRAP = 0xa7;

/** Operators on addresses, of 32 and of 64 bits. */
const NARROW = {
  const: Op.i32Const,
  add: 0x6a,
  sub: 0x6b,
  ltU: 0x49,
  gtU: 0x4b,
  leU: 0x4d,
  shl: 0x74,
  shrU: 0x76,
} as const;
const WIDE = {
  const: Op.i64Const,
  add: 0x7c,
  sub: 0x7d,
  ltU: 0x54,
  gtU: 0x56,
  leU: 0x58,
  shl: 0x86,
  shrU: 0x88,
} as const;

/** Locals. */
const TO = 0;
const OTHER = 1;
const COUNT = 2;

interface Address {
  readonly local: number;
  readonly isWide: boolean;
  readonly memory: number | undefined;
}

/**
 * The code of a function that does what an operator does, in pieces. What does not lie within the memory or table traps before
 * anything is written, as the specification says.
 */
export class BulkCode {
  readonly #out = new ByteWriter(256);
  readonly #operator: BulkOperator;
  readonly #indices: MeteringIndices;
  readonly #addresses: readonly Address[];
  readonly #count: typeof NARROW | typeof WIDE;
  readonly #piece: number;

  constructor(operator: BulkOperator, indices: MeteringIndices) {
    this.#operator = operator;
    this.#indices = indices;
    const { isWide, isFromWide, hasFrom, memory, fromMemory } = operator;
    const to = { local: TO, isWide, memory };
    const from = { local: OTHER, isWide: isFromWide, memory: fromMemory };
    this.#addresses = hasFrom ? [to, from] : [to];
    this.#count = operator.isCountWide ? WIDE : NARROW;
    this.#piece = operator.isTable ? ENTRIES : BYTES;
  }

  body(): Uint8Array {
    this.#all([0]);
    this.#isMuch();
    this.#all([Op.if, EMPTY]);
    this.#refuse();
    if (this.#operator.mayOverlap) this.#eitherWay();
    else this.#forward();
    this.#all([Op.end]);
    // What is left, or was not much to begin with.
    this.#charge(() => {
      this.#get(COUNT);
      this.#scale();
    });
    this.#get(TO, OTHER, COUNT);
    this.#all([...this.#operator.bytes, Op.end]);
    return this.#out.written;
  }

  /** count > piece */
  #isMuch(): void {
    this.#get(COUNT);
    this.#pieceSize(this.#count);
    this.#all([this.#count.gtU]);
  }

  /** Traps if not all of it is there. */
  #refuse(): void {
    const { bytes } = this.#operator;
    for (const address of this.#addresses) {
      // What is beyond all addresses is left to the operator, which does nothing but trap.
      this.#last(address);
      this.#get(address.local);
      this.#all([of(address).ltU, Op.if, EMPTY]);
      this.#get(TO, OTHER, COUNT);
      this.#all([...bytes, Op.end]);
    }
    for (const address of this.#addresses)
      if (address.memory !== undefined) {
        this.#last(address);
        this.#all([Op.i32Load8Unsigned, 0x40, ...leb(address.memory), 0, Op.drop]);
      }
    if (this.#addresses.every(({ memory }) => memory !== undefined)) return;
    // Nothing, at the end of it, is allowed if the end is.
    this.#getEnd(TO);
    if (this.#operator.hasFrom) this.#getEnd(OTHER);
    else this.#get(OTHER);
    this.#all([this.#count.const, 0, ...bytes]);
  }

  /** address + (count - 1) */
  #last(address: Address): void {
    this.#get(address.local, COUNT);
    this.#all([this.#count.const, 1, this.#count.sub]);
    this.#sum(address);
  }

  #getEnd(local: number): void {
    const address = this.#addresses[local] as Address;
    this.#get(local, COUNT);
    this.#sum(address);
  }

  /** Adds a count to an address. */
  #sum(address: Address): void {
    if (address.isWide && !this.#operator.isCountWide) this.#all([I64_EXTEND_U]);
    this.#all([of(address).add]);
  }

  /** What overlaps is copied from the side on which nothing gets lost. */
  #eitherWay(): void {
    this.#get(TO, OTHER);
    this.#all([this.#count.leU, Op.if, EMPTY]);
    this.#forward();
    this.#all([Op.else]);
    this.#pieces(() => {
      this.#lessCount();
      this.#getEnd(TO);
      this.#getEnd(OTHER);
      this.#pieceSize(this.#count);
      this.#all(this.#operator.bytes);
    });
    this.#all([Op.end]);
  }

  #forward(): void {
    this.#pieces(() => {
      this.#get(TO, OTHER);
      this.#pieceSize(this.#count);
      this.#all(this.#operator.bytes);
      for (const address of this.#addresses) {
        this.#get(address.local);
        this.#pieceSize(of(address));
        this.#all([of(address).add, Op.localSet, address.local]);
      }
      this.#lessCount();
    });
  }

  #pieces(piece: () => void): void {
    this.#all([Op.loop, EMPTY]);
    this.#charge(() => this.#all([Op.i32Const, ...constant(this.#unitsOfPiece())]));
    piece();
    this.#isMuch();
    this.#all([Op.brIf, 0, Op.end]);
  }

  #unitsOfPiece(): number {
    return this.#operator.isTable ? ENTRIES << UNITS_PER_ENTRY_SHIFT : BYTES >> BYTES_PER_UNIT_SHIFT;
  }

  /** Makes units of a count. */
  #scale(): void {
    const { const: number, shl, shrU } = this.#count;
    this.#all(
      this.#operator.isTable ? [number, UNITS_PER_ENTRY_SHIFT, shl] : [number, BYTES_PER_UNIT_SHIFT, shrU],
    );
    if (this.#operator.isCountWide) this.#all([I32_WRAP]);
  }

  /** counter -= cost; if (counter < 0) ask() */
  #charge(cost: () => void): void {
    const { counter, ask } = this.#indices;
    this.#all([Op.globalGet, ...leb(counter)]);
    cost();
    this.#all([Op.i32Sub, Op.globalSet, ...leb(counter), Op.globalGet, ...leb(counter)]);
    this.#all([Op.i32Const, 0, Op.i32LessSigned, Op.if, EMPTY, Op.call, ...leb(ask), Op.end]);
  }

  #lessCount(): void {
    this.#get(COUNT);
    this.#pieceSize(this.#count);
    this.#all([this.#count.sub, Op.localSet, COUNT]);
  }

  #pieceSize(operators: typeof NARROW | typeof WIDE): void {
    this.#all([operators.const, ...constant(this.#piece)]);
  }

  #get(...locals: readonly number[]): void {
    for (const local of locals) this.#out.two(Op.localGet, local);
  }

  #all(bytes: readonly number[]): void {
    this.#out.all(bytes);
  }
}

function of({ isWide }: Address): typeof NARROW | typeof WIDE {
  return isWide ? WIDE : NARROW;
}
