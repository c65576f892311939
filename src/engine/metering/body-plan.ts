import { Charges } from './charges.ts';
import type { CodeReader } from './code-reader.ts';
import { ARRAYS, Misc, Op } from './operators.ts';

/** What a call costs beside what the called function charges. Functions that cost no more than that charge nothing. */
export const CALL_COST = 16;

/** What is put into the code, and where. */
export const Insertion = {
  /** A piece begins. */
  charge: 0,
  /** A round of a loop begins: charge, and ask for more if nothing is left. */
  loop: 1,
  beforeCall: 2,
  afterCall: 3,
  /** The function is about to be left. */
  exit: 4,
  /** The last operand, an i32, says how much an operator does. */
  bulk: 5,
  /** The same with an i64. */
  bulkWide: 6,
  /** The operator gives way to a call of a helper function. */
  replace: 7,
} as const;

/** The memories and tables of a module: which have addresses of 64 bits. */
export interface AddressTypes {
  readonly memories: readonly boolean[];
  readonly tables: readonly boolean[];
}

/** Helper functions that fill and copy, by what they do. @returns its index */
export interface HelperFunctions {
  fill(memory: number): number;
  copy(to: number, from: number): number;
}

const FIELDS = 4;
const FUNCTION = 0;

/** Finds out where the code of a function is to be charged. One object serves all functions of a module. */
export class BodyPlan {
  readonly charges: Charges = new Charges();
  /** The function changes the counter so often without calling that it is worth a local. */
  hasTightLoop = false;
  /** Its handlers cannot know what a local was when the exception came. */
  hasHandlers = false;
  hasBulk = false;
  hasWideBulk = false;
  readonly #reader: CodeReader;
  readonly #types: AddressTypes;
  readonly #helpers: HelperFunctions;
  #insertions = new Int32Array(4096);
  #count = 0;
  // Of open blocks: their first operator, where the code in front of them is charged, and whether there is a call in them.
  readonly #kinds: number[] = [];
  readonly #charged: number[] = [];
  readonly #calls: boolean[] = [];
  /** Nothing up to the end of this block can be reached; -1: it can. */
  #deadIn = -1;
  #hasCall = false;
  #hasLoop = false;

  constructor(reader: CodeReader, types: AddressTypes, helpers: HelperFunctions) {
    this.#reader = reader;
    this.#types = types;
    this.#helpers = helpers;
  }

  /** How many insertions there are, in the order of the code. */
  get count(): number {
    return this.#count;
  }

  /** Where the insertion stands, and where the code goes on behind it. */
  start(insertion: number): number {
    return this.#insertions[insertion * FIELDS] as number;
  }

  end(insertion: number): number {
    return this.#insertions[insertion * FIELDS + 1] as number;
  }

  /** One of {@link Insertion}. */
  kind(insertion: number): number {
    return this.#insertions[insertion * FIELDS + 2] as number;
  }

  /** A piece of {@link charges}, or a helper function. */
  argument(insertion: number): number {
    return this.#insertions[insertion * FIELDS + 3] as number;
  }

  /** Every call of it costs at least as much as it does. */
  get isLeaf(): boolean {
    return (
      !(this.#hasCall || this.#hasLoop || this.hasBulk || this.hasWideBulk) && this.charges.total <= CALL_COST
    );
  }

  /** Reads the code up to `end`, from behind the locals. */
  read(end: number): void {
    this.#clear();
    const reader = this.#reader;
    this.#push(FUNCTION, this.charges.open(-1));
    while (reader.position < end) this.#operator(reader.position, reader.operator());
  }

  #clear(): void {
    this.charges.clear();
    this.#count = 0;
    this.#kinds.length = this.#charged.length = this.#calls.length = 0;
    this.#deadIn = -1;
    this.#hasCall = this.#hasLoop = this.hasTightLoop = this.hasHandlers = false;
    this.hasBulk = this.hasWideBulk = false;
  }

  #operator(at: number, opcode: number): void {
    switch (opcode) {
      case Op.nop:
        return;
      case Op.try:
      case Op.tryTable:
        this.hasHandlers = true;
        return this.#block(opcode);
      case Op.block:
        return this.#block(opcode);
      case Op.loop:
        return this.#loop(opcode);
      case Op.if:
        return this.#if(opcode);
      case Op.else:
      case Op.catch:
      case Op.catchAll:
        return this.#otherWay(opcode);
      case Op.delegate:
      case Op.end:
        return this.#end(at, opcode);
      default:
        return this.#plain(at, opcode);
    }
  }

  #plain(at: number, opcode: number): void {
    const reader = this.#reader;
    this.#cost(1);
    switch (opcode) {
      case Op.br:
        this.#exitIf(at, reader.unsigned());
        return this.#die();
      case Op.brIf:
      case Op.brOnNull:
      case Op.brOnNonNull:
        this.#exitIf(at, reader.unsigned());
        return this.#mayGo();
      case Op.brTable:
        this.#exitIf(at, this.#farthestLabel());
        return this.#die();
      case Op.return:
      case Op.throw:
      case Op.rethrow:
      case Op.throwRef:
      case Op.unreachable:
        reader.skipImmediates(opcode);
        this.#insert(at, at, Insertion.exit, 0);
        return this.#die();
      case Op.call:
      case Op.callIndirect:
      case Op.callRef:
        return this.#call(at, opcode);
      case Op.returnCall:
      case Op.returnCallIndirect:
      case Op.returnCallRef:
        this.#cost(CALL_COST);
        this.#hasCall = true;
        reader.skipImmediates(opcode);
        this.#insert(at, at, Insertion.exit, 0);
        return this.#die();
      case Op.gc:
        return this.#gc(at);
      case Op.misc:
        return this.#misc(at);
      default:
        reader.skipImmediates(opcode);
    }
  }

  #block(opcode: number): void {
    this.#reader.skipImmediates(opcode);
    // The same piece goes on in the block.
    this.#push(opcode, this.charges.current);
  }

  #loop(opcode: number): void {
    this.#reader.skipImmediates(opcode);
    this.#hasLoop = true;
    this.#push(opcode, this.charges.close());
    const { position } = this.#reader;
    this.#insert(position, position, Insertion.loop, this.charges.open(-1));
  }

  #if(opcode: number): void {
    this.#cost(1);
    this.#reader.skipImmediates(opcode);
    const charged = this.charges.close();
    this.#push(opcode, charged);
    this.#piece(charged);
  }

  /** The way into a block that is not through its beginning. */
  #otherWay(opcode: number): void {
    this.#reader.skipImmediates(opcode);
    this.charges.close();
    if (this.#deadIn === this.#kinds.length) this.#deadIn = -1;
    this.#piece(this.#charged.at(-1) as number);
  }

  #end(at: number, opcode: number): void {
    this.#reader.skipImmediates(opcode);
    this.charges.close();
    if (this.#deadIn === this.#kinds.length) this.#deadIn = -1;
    if (this.#kinds.length === 1) this.#insert(at, at, Insertion.exit, 0);
    const kind = this.#kinds.pop();
    const charged = this.#charged.pop() as number;
    const calls = this.#calls.pop() === true;
    if (kind === Op.loop && !calls) this.hasTightLoop = true;
    if (this.#kinds.length === 0) return;
    if (calls) this.#calls[this.#calls.length - 1] = true;
    this.#piece(charged);
  }

  #call(at: number, opcode: number): void {
    const reader = this.#reader;
    reader.skipImmediates(opcode);
    this.#cost(CALL_COST);
    this.#hasCall = true;
    this.#calls[this.#calls.length - 1] = true;
    this.#insert(at, at, Insertion.beforeCall, 0);
    this.#insert(reader.position, reader.position, Insertion.afterCall, 0);
  }

  #gc(at: number): void {
    const reader = this.#reader;
    const { number } = reader;
    if (number === 24 || number === 25) {
      reader.skip(1);
      this.#exitIf(at, reader.unsigned());
      reader.skipLeb();
      reader.skipLeb();
      return this.#mayGo();
    }
    reader.skipImmediates(Op.gc);
    if (ARRAYS.has(number)) this.#bulk(at, false);
  }

  #misc(at: number): void {
    const reader = this.#reader;
    const { number } = reader;
    switch (number) {
      case Misc.memoryFill:
        return this.#replace(at, this.#helpers.fill(reader.unsigned()));
      case Misc.memoryCopy:
        return this.#copy(at, reader.unsigned(), reader.unsigned());
      case Misc.tableGrow:
      case Misc.tableFill:
        return this.#bulk(at, this.#types.tables[reader.unsigned()] === true);
      case Misc.tableCopy:
        // Its length has 64 bits if both addresses do.
        return this.#bulk(
          at,
          [reader.unsigned(), reader.unsigned()].every((table) => this.#types.tables[table] === true),
        );
      case Misc.memoryInit:
      case Misc.tableInit:
        reader.skipImmediates(Op.misc);
        return this.#bulk(at, false);
      default:
        reader.skipImmediates(Op.misc);
    }
  }

  #copy(at: number, to: number, from: number): void {
    const { memories } = this.#types;
    if (memories[to] === memories[from]) this.#replace(at, this.#helpers.copy(to, from));
    else this.#bulk(at, false);
  }

  #replace(at: number, helper: number): void {
    this.#hasCall = true;
    this.#calls[this.#calls.length - 1] = true;
    this.#cost(CALL_COST);
    this.#insert(at, this.#reader.position, Insertion.replace, helper);
  }

  #bulk(at: number, wide: boolean): void {
    if (wide) this.hasWideBulk = true;
    else this.hasBulk = true;
    this.#insert(at, at, wide ? Insertion.bulkWide : Insertion.bulk, 0);
  }

  #farthestLabel(): number {
    const reader = this.#reader;
    let farthest = 0;
    for (let left = reader.unsigned(); left >= 0; left--) farthest = Math.max(farthest, reader.unsigned());
    return farthest;
  }

  /** A branch to the function's own block leaves the function. */
  #exitIf(at: number, label: number): void {
    if (label >= this.#kinds.length - 1) this.#insert(at, at, Insertion.exit, 0);
  }

  /** The code that follows may not be reached. */
  #mayGo(): void {
    this.#piece(this.charges.close());
  }

  #die(): void {
    if (this.#deadIn < 0) this.#deadIn = this.#kinds.length;
  }

  #piece(dominator: number): void {
    const { position } = this.#reader;
    this.#insert(position, position, Insertion.charge, this.charges.open(dominator));
  }

  #cost(cost: number): void {
    if (this.#deadIn < 0) this.charges.add(cost);
  }

  #push(kind: number, charged: number): void {
    this.#kinds.push(kind);
    this.#charged.push(charged);
    this.#calls.push(false);
  }

  #insert(start: number, end: number, kind: number, argument: number): void {
    const at = this.#count++ * FIELDS;
    if (at + FIELDS > this.#insertions.length) {
      const larger = new Int32Array(this.#insertions.length * 2);
      larger.set(this.#insertions);
      this.#insertions = larger;
    }
    this.#insertions[at] = start;
    this.#insertions[at + 1] = end;
    this.#insertions[at + 2] = kind;
    this.#insertions[at + 3] = argument;
  }
}
