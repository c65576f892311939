import { Charges } from './charges.ts';
import type { CodeReader } from './code-reader.ts';
import {
  BYTES_PER_UNIT_SHIFT,
  CALL_COST,
  ELEMENTS_PER_UNIT_SHIFT,
  extraCost,
  UNITS_PER_ENTRY_SHIFT,
} from './costs.ts';
import { Amount, Insertion, Insertions } from './insertions.ts';
import { OpenBlocks } from './open-blocks.ts';
import { ARRAYS, Misc, Op } from './operators.ts';

/** Helper functions that do an operator in pieces. @returns the function's index */
export interface HelperFunctions {
  /** @param first what follows the operator, and `second`, if it has two. */
  helper(operator: number, first: number, second: number): number;
}

/** The tables of a module: which have addresses of 64 bits. */
export interface AddressTypes {
  readonly tables: readonly { readonly wide: boolean }[];
}

/** What stands for the function itself among the operators of blocks. */
const FUNCTION = 0;

/** Finds out where the code of a function is to be charged. One object serves all functions of a module. */
export class BodyPlan {
  readonly charges: Charges = new Charges();
  readonly insertions: Insertions = new Insertions();
  /** The function changes the counter so often without calling that it is worth a local. */
  hasTightLoop = false;
  /** What its handlers find in a local is what it was when the exception came, which may be old. */
  hasHandlers = false;
  hasAmount = false;
  hasWideAmount = false;
  readonly #reader: CodeReader;
  readonly #types: AddressTypes;
  readonly #helpers: HelperFunctions;
  readonly #blocks = new OpenBlocks();
  /** Loops around the code that is read. */
  #loops = 0;
  /** Nothing up to the end of the block at this depth can be reached; -1: it can. */
  #deadIn = -1;
  #hasCall = false;
  #hasLoop = false;
  /** The last constant, and where it ended. */
  #constant = 0;
  #constantEnd = -1;

  constructor(reader: CodeReader, types: AddressTypes, helpers: HelperFunctions) {
    this.#reader = reader;
    this.#types = types;
    this.#helpers = helpers;
  }

  /** Every call of it costs at least as much as it does. */
  get isLeaf(): boolean {
    return (
      !(this.#hasCall || this.#hasLoop || this.hasAmount || this.hasWideAmount) &&
      this.charges.total <= CALL_COST
    );
  }

  /** Reads the code up to `end`, from behind the locals. */
  read(end: number): void {
    this.#clear();
    const reader = this.#reader;
    this.#blocks.push(FUNCTION, this.charges.openFunction());
    while (reader.position < end) this.#operator(reader.position, reader.operator());
    this.charges.closeFunction();
  }

  #clear(): void {
    this.charges.clear();
    this.insertions.clear();
    this.#blocks.clear();
    this.#loops = 0;
    this.#deadIn = this.#constantEnd = -1;
    this.#hasCall = this.#hasLoop = this.hasTightLoop = this.hasHandlers = false;
    this.hasAmount = this.hasWideAmount = false;
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
        return this.#end(opcode);
      default:
        return this.#plain(at, opcode);
    }
  }

  #plain(at: number, opcode: number): void {
    const reader = this.#reader;
    this.#cost(1);
    switch (opcode) {
      case Op.i32Const:
        return this.#i32Const();
      case Op.br:
        this.#blocks.branch(reader.unsigned());
        return this.#die();
      case Op.brIf:
      case Op.brOnNull:
      case Op.brOnNonNull:
        return this.#branchIf(reader.unsigned());
      case Op.brTable:
        this.#blocks.branch(this.#farthestLabel());
        return this.#die();
      case Op.return:
      case Op.unreachable:
      case Op.throw:
      case Op.rethrow:
      case Op.throwRef:
        this.#cost(extraCost(opcode, 0));
        reader.skipImmediates(opcode);
        return this.#leave();
      case Op.call:
      case Op.callIndirect:
      case Op.callRef:
        reader.skipImmediates(opcode);
        return this.#call();
      case Op.returnCall:
      case Op.returnCallIndirect:
      case Op.returnCallRef:
        reader.skipImmediates(opcode);
        this.#costOfCall();
        return this.#leave();
      default:
        return this.#rest(at, opcode);
    }
  }

  #rest(at: number, opcode: number): void {
    const reader = this.#reader;
    switch (opcode) {
      case Op.tableGet:
      case Op.tableSet:
      case Op.memoryGrow:
        this.#cost(extraCost(opcode, 0));
        return reader.skipImmediates(opcode);
      case Op.atomic:
        this.#cost(extraCost(opcode, reader.number));
        if (reader.number === 1 || reader.number === 2) this.insertions.add(at, at, Insertion.noWait, 0);
        return reader.skipImmediates(opcode);
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
    this.#blocks.push(opcode, this.charges.current);
  }

  #loop(opcode: number): void {
    this.#reader.skipImmediates(opcode);
    this.#hasLoop = true;
    this.#loops++;
    this.#blocks.push(opcode, this.charges.close());
    this.#insertPiece(this.charges.openLoop());
  }

  #if(opcode: number): void {
    this.#cost(1);
    this.#reader.skipImmediates(opcode);
    const charged = this.charges.close();
    this.#blocks.push(opcode, charged);
    this.#piece(charged, false);
  }

  /** The way into a block that is not through its beginning. */
  #otherWay(opcode: number): void {
    this.#reader.skipImmediates(opcode);
    this.charges.close();
    this.#revive();
    this.#piece(this.#blocks.charged, false);
  }

  #end(opcode: number): void {
    this.#reader.skipImmediates(opcode);
    this.charges.close();
    this.#revive();
    const blocks = this.#blocks;
    const { charged, isClosed } = blocks;
    if (blocks.opener === Op.loop) {
      this.#loops--;
      if (!blocks.hasCall) this.hasTightLoop = true;
    }
    blocks.pop();
    if (blocks.depth > 0) this.#piece(charged, isClosed);
  }

  #call(): void {
    this.#costOfCall();
    this.#blocks.addCall();
    const { position } = this.#reader;
    this.insertions.add(position, position, Insertion.afterCall, 0);
  }

  #costOfCall(): void {
    this.#cost(CALL_COST);
    this.#hasCall = true;
    if (this.#loops === 0 && this.#deadIn < 0) this.charges.addCall();
  }

  #gc(at: number): void {
    const reader = this.#reader;
    const { number } = reader;
    if (number === 24 || number === 25) {
      reader.skip(1);
      const label = reader.unsigned();
      reader.skipLeb();
      reader.skipLeb();
      return this.#branchIf(label);
    }
    reader.skipImmediates(Op.gc);
    if (ARRAYS.has(number)) this.#amount(at, Amount.elements, 1 / (1 << ELEMENTS_PER_UNIT_SHIFT));
  }

  #misc(at: number): void {
    const reader = this.#reader;
    const { number } = reader;
    switch (number) {
      case Misc.memoryFill:
        return this.#bulk(at, number, reader.unsigned(), 0);
      case Misc.memoryCopy:
      case Misc.memoryInit:
      case Misc.tableInit:
      case Misc.tableCopy:
        return this.#bulk(at, number, reader.unsigned(), reader.unsigned());
      case Misc.tableFill:
        return this.#bulk(at, number, reader.unsigned(), 0);
      case Misc.tableGrow: {
        const wide = this.#types.tables[reader.unsigned()]?.wide === true;
        this.#cost(extraCost(Op.tableSet, 0));
        return this.#amount(at, wide ? Amount.wideEntries : Amount.entries, 1 << UNITS_PER_ENTRY_SHIFT);
      }
      default:
        reader.skipImmediates(Op.misc);
    }
  }

  /** Fills or copies. How much is mostly not known. */
  #bulk(at: number, number: number, first: number, second: number): void {
    const isMemory = number <= Misc.memoryFill;
    if (this.#constantEnd === at && this.#constant >= 0 && this.#constant <= SMALL_AMOUNT)
      return this.#cost(
        CALL_COST +
          (isMemory ? this.#constant >> BYTES_PER_UNIT_SHIFT : this.#constant << UNITS_PER_ENTRY_SHIFT),
      );
    this.#costOfCall();
    this.#blocks.addCall();
    const helper = this.#helpers.helper(number, first, second);
    this.insertions.add(at, this.#reader.position, Insertion.replace, helper);
  }

  #amount(at: number, amount: number, units: number): void {
    if (this.#constantEnd === at && this.#constant >= 0 && this.#constant <= SMALL_AMOUNT)
      return this.#cost(Math.floor(this.#constant * units));
    if (amount === Amount.wideEntries) this.hasWideAmount = true;
    else this.hasAmount = true;
    this.insertions.add(at, at, Insertion.amount, amount);
  }

  #i32Const(): void {
    this.#constant = this.#reader.signed();
    this.#constantEnd = this.#reader.position;
  }

  #farthestLabel(): number {
    const reader = this.#reader;
    let farthest = 0;
    for (let left = reader.unsigned(); left >= 0; left--) farthest = Math.max(farthest, reader.unsigned());
    return farthest;
  }

  /** The code that follows may not be reached. */
  #branchIf(label: number): void {
    this.#blocks.branch(label);
    this.#piece(this.charges.close(), false);
  }

  #leave(): void {
    this.#blocks.leave();
    this.#die();
  }

  #die(): void {
    if (this.#deadIn < 0) this.#deadIn = this.#blocks.depth;
  }

  #revive(): void {
    if (this.#deadIn === this.#blocks.depth) this.#deadIn = -1;
  }

  #piece(dominator: number, isCertain: boolean): void {
    this.#insertPiece(this.charges.open(dominator, isCertain));
  }

  #insertPiece(piece: number): void {
    const { position } = this.#reader;
    this.insertions.add(position, position, Insertion.piece, piece);
  }

  #cost(cost: number): void {
    if (this.#deadIn < 0) this.charges.add(cost);
  }
}

/** What is filled or copied at once when that is known beforehand. */
const SMALL_AMOUNT = 1 << 16;
