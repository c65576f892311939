import type { Charges } from './charges.ts';
import type { CodeReader } from './code-reader.ts';
import { ControlPlan } from './control-plan.ts';
import {
  BYTES_PER_UNIT_SHIFT,
  CALL_COST,
  ELEMENTS_PER_UNIT_SHIFT,
  extraCost,
  UNITS_PER_ENTRY_SHIFT,
} from './costs.ts';
import { Amount, Insertion, type Insertions } from './insertions.ts';
import { ARRAYS, Gc, Misc, Op } from './operators.ts';

/** Helper functions that do an operator in pieces. @returns the function's index */
export interface HelperFunctions {
  /** @param first what follows the operator, and `second`, if it has two. */
  helper(operator: number, first: number, second: number): number;
}

/** The tables of a module: which have addresses of 64 bits. */
export interface AddressTypes {
  readonly tables: readonly { readonly wide: boolean }[];
}

/** What is filled or copied at once when that is known beforehand: bytes or entries. */
const SMALL_AMOUNT = 1 << 12;

/** Finds out what the code of a function costs, and what is put into it. One object serves all functions of a module. */
export class BodyPlan {
  hasAmount = false;
  hasWideAmount = false;
  readonly #reader: CodeReader;
  readonly #types: AddressTypes;
  readonly #helpers: HelperFunctions;
  readonly #control: ControlPlan;
  /** The last constant, and where it ended. */
  #constant = 0;
  #constantEnd = -1;

  constructor(reader: CodeReader, types: AddressTypes, helpers: HelperFunctions) {
    this.#reader = reader;
    this.#types = types;
    this.#helpers = helpers;
    this.#control = new ControlPlan(reader);
  }

  get charges(): Charges {
    return this.#control.charges;
  }

  get insertions(): Insertions {
    return this.#control.insertions;
  }

  /** Every call of it costs at least as much as it does. */
  get isLeaf(): boolean {
    const { hasCall, hasLoop } = this.#control;
    return !(hasCall || hasLoop || this.hasAmount || this.hasWideAmount) && this.charges.total <= CALL_COST;
  }

  /** The counter is worth a local, and can be in one. */
  get isLocal(): boolean {
    return this.#control.hasTightLoop && !this.#control.hasHandlers;
  }

  /** Reads the code up to `end`, from behind the locals. */
  read(end: number): void {
    const reader = this.#reader;
    this.#constantEnd = -1;
    this.hasAmount = this.hasWideAmount = false;
    this.#control.begin();
    while (reader.position < end) this.#operator(reader.position, reader.operator());
    this.#control.finish();
  }

  #operator(at: number, opcode: number): void {
    const control = this.#control;
    switch (opcode) {
      case Op.nop:
        return;
      case Op.try:
      case Op.tryTable:
        return control.try(opcode);
      case Op.block:
        return control.block(opcode);
      case Op.loop:
        return control.loop(at, opcode);
      case Op.if:
        return control.if(opcode);
      case Op.else:
      case Op.catch:
      case Op.catchAll:
        return control.otherWay(opcode);
      case Op.delegate:
      case Op.end:
        return control.end(opcode);
      default:
        return this.#plain(at, opcode);
    }
  }

  #plain(at: number, opcode: number): void {
    const reader = this.#reader;
    const control = this.#control;
    control.cost(1);
    switch (opcode) {
      case Op.i32Const:
        return this.#i32Const();
      case Op.br:
        return control.branch();
      case Op.brIf:
      case Op.brOnNull:
      case Op.brOnNonNull:
        return control.branchIf(0);
      case Op.brTable:
        return control.branchTable();
      case Op.return:
      case Op.unreachable:
      case Op.throw:
      case Op.rethrow:
      case Op.throwRef:
        control.cost(extraCost(opcode, 0));
        reader.skipImmediates(opcode);
        return control.leave();
      case Op.call:
      case Op.callIndirect:
      case Op.callRef:
        reader.skipImmediates(opcode);
        return control.call();
      case Op.returnCall:
      case Op.returnCallIndirect:
      case Op.returnCallRef:
        reader.skipImmediates(opcode);
        control.costOfCall();
        return control.leave();
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
        this.#control.cost(extraCost(opcode, 0));
        return reader.skipImmediates(opcode);
      case Op.atomic:
        this.#control.cost(extraCost(opcode, reader.number));
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

  #gc(at: number): void {
    const reader = this.#reader;
    const { number } = reader;
    if (number === Gc.brOnCast || number === Gc.brOnCastFail) {
      reader.skip(1);
      return this.#control.branchIf(2);
    }
    reader.skipImmediates(Op.gc);
    if (ARRAYS.has(number)) this.#amount(at, Amount.elements, 1 / (1 << ELEMENTS_PER_UNIT_SHIFT));
  }

  #misc(at: number): void {
    const reader = this.#reader;
    const { number } = reader;
    switch (number) {
      case Misc.memoryFill:
      case Misc.tableFill:
        return this.#bulk(at, number, reader.unsigned(), 0);
      case Misc.memoryCopy:
      case Misc.memoryInit:
      case Misc.tableInit:
      case Misc.tableCopy:
        return this.#bulk(at, number, reader.unsigned(), reader.unsigned());
      case Misc.tableGrow: {
        const wide = this.#types.tables[reader.unsigned()]?.wide === true;
        this.#control.cost(extraCost(Op.tableSet, 0));
        return this.#amount(at, wide ? Amount.wideEntries : Amount.entries, 1 << UNITS_PER_ENTRY_SHIFT);
      }
      default:
        reader.skipImmediates(Op.misc);
    }
  }

  /** Fills or copies. How much is mostly not known. */
  #bulk(at: number, number: number, first: number, second: number): void {
    const control = this.#control;
    if (this.#isSmall(at)) {
      const isMemory = number <= Misc.memoryFill;
      const units = isMemory
        ? this.#constant >> BYTES_PER_UNIT_SHIFT
        : this.#constant << UNITS_PER_ENTRY_SHIFT;
      return control.cost(CALL_COST + units);
    }
    control.costOfCall();
    control.mayAsk();
    const helper = this.#helpers.helper(number, first, second);
    this.insertions.add(at, this.#reader.position, Insertion.replace, helper);
  }

  #amount(at: number, amount: number, units: number): void {
    if (this.#isSmall(at)) return this.#control.cost(Math.floor(this.#constant * units));
    if (amount === Amount.wideEntries) this.hasWideAmount = true;
    else this.hasAmount = true;
    this.#control.mayAsk();
    this.insertions.add(at, at, Insertion.amount, amount);
  }

  /** The operator comes right behind a constant, its last operand, and that is small. */
  #isSmall(at: number): boolean {
    return this.#constantEnd === at && this.#constant >= 0 && this.#constant <= SMALL_AMOUNT;
  }

  #i32Const(): void {
    this.#constant = this.#reader.signed();
    this.#constantEnd = this.#reader.position;
  }
}
