import type { BodyPlan } from './body-plan.ts';
import type { BranchHints } from './branch-hints.ts';
import type { ByteWriter } from './byte-writer.ts';
import { ELEMENTS_PER_UNIT_SHIFT, ENTRIES_MASK, UNITS_PER_ENTRY_SHIFT } from './costs.ts';
import { Amount, Insertion } from './insertions.ts';
import { Op } from './operators.ts';

const I32 = 0x7f;
const I64 = 0x7e;
const EMPTY = 0x40;

/** What the code refers to beside what was there. */
export interface MeteringIndices {
  /** A global. */
  readonly counter: number;
  /** A function without parameters and results that asks for more. */
  readonly ask: number;
}

/** Where the parts of a function's body are. */
export interface Body {
  /** Behind the number of declarations of locals. */
  readonly groupsStart: number;
  readonly groups: number;
  /** All of them, parameters included. */
  readonly locals: number;
  /** Behind the declarations. */
  readonly code: number;
  readonly end: number;
}

/**
 * Writes the code of functions with the insertions of a plan.
 *
 * The counter is a global. A function with a tight loop keeps it in a local, too, which V8 has in a register, so that a round does
 * not have to wait for what the last one has written. The global is always up to date: whenever the guest traps, what it has spent
 * is the same.
 */
export class BodyWriter {
  readonly #out: ByteWriter;
  readonly #indices: MeteringIndices;
  readonly #hints: BranchHints;
  #isLocal = false;
  /** Of the local that has the counter, or what it has just become. */
  #counter = 0;
  #amount = 0;
  #wideAmount = 0;

  constructor(out: ByteWriter, indices: MeteringIndices, hints: BranchHints) {
    this.#out = out;
    this.#indices = indices;
    this.#hints = hints;
  }

  /** @param bytes with the body in it */
  write(bytes: Uint8Array, { groupsStart, code, end, groups, locals }: Body, plan: BodyPlan): void {
    const out = this.#out;
    if (plan.isLeaf) {
      out.unsigned(groups);
      out.copy(bytes, groupsStart, end);
      return;
    }
    const { insertions } = plan;
    this.#isLocal = plan.isLocal;
    const count = 1 + Number(plan.hasAmount);
    out.unsigned(groups + 1 + Number(plan.hasWideAmount));
    out.copy(bytes, groupsStart, code);
    out.two(count, I32);
    if (plan.hasWideAmount) out.two(1, I64);
    this.#counter = locals;
    this.#amount = locals + 1;
    this.#wideAmount = locals + count;
    if (this.#isLocal) this.#load();
    this.#piece(plan, 0);
    let done = code;
    for (let i = 0; i < insertions.count; i++) {
      out.copy(bytes, done, insertions.start(i));
      done = insertions.end(i);
      this.#insert(bytes, plan, i);
    }
    out.copy(bytes, done, end);
  }

  #insert(bytes: Uint8Array, plan: BodyPlan, insertion: number): void {
    const out = this.#out;
    const { insertions } = plan;
    const argument = insertions.argument(insertion);
    switch (insertions.kind(insertion)) {
      case Insertion.loop:
        return this.#loop(bytes, plan, insertion);
      case Insertion.loopEnd:
        if (this.#isSplit(plan, argument)) out.byte(Op.end);
        return;
      case Insertion.label:
        return this.#label(bytes, plan, insertion);
      case Insertion.piece:
        return this.#piece(plan, argument);
      case Insertion.afterCall:
        if (this.#isLocal) this.#load();
        return;
      case Insertion.amount:
        return this.#chargeAmount(argument);
      case Insertion.replace:
        out.byte(Op.call);
        out.unsigned(argument);
        if (this.#isLocal) this.#load();
        return;
      case Insertion.noWait:
        out.two(Op.drop, Op.i64Const);
        out.byte(0);
    }
  }

  #piece({ charges }: BodyPlan, piece: number): void {
    const isChecked = charges.isChecked(piece);
    const cost = charges.costOf(piece);
    if (cost > 0) this.#charge(cost, isChecked);
    else if (isChecked && !this.#isLocal) this.#load();
    if (isChecked) this.#check();
  }

  #charge(cost: number, isChecked: boolean): void {
    this.#read();
    this.#out.byte(Op.i32Const);
    this.#out.constant(cost);
    this.#out.byte(Op.i32Sub);
    this.#write(isChecked);
  }

  /**
   * A call in a loop costs V8 registers, even if it is hardly ever made. A tight loop is put into another one, where the call is: it
   * goes there when nothing is left.
   */
  #loop(bytes: Uint8Array, plan: BodyPlan, insertion: number): void {
    const out = this.#out;
    const { insertions, charges } = plan;
    const piece = insertions.argument(insertion);
    out.copy(bytes, insertions.start(insertion), insertions.end(insertion));
    if (!this.#isSplit(plan, piece)) return this.#piece(plan, piece);
    this.#check();
    out.copy(bytes, insertions.start(insertion), insertions.end(insertion));
    this.#isNegative();
    out.two(Op.brIf, 1);
    this.#charge(charges.costOf(piece), false);
  }

  /** A label of a block that is around the two loops is one more. */
  #label(bytes: Uint8Array, plan: BodyPlan, insertion: number): void {
    const { insertions } = plan;
    const start = insertions.start(insertion);
    const end = insertions.end(insertion);
    if (!this.#isSplit(plan, insertions.argument(insertion))) return this.#out.copy(bytes, start, end);
    let label = 0;
    for (let at = end - 1; at >= start; at--) label = label * 0x80 + ((bytes[at] as number) & 0x7f);
    this.#out.unsigned(label + 1);
  }

  #isSplit({ charges }: BodyPlan, piece: number): boolean {
    return this.#isLocal && charges.isTightLoop(piece);
  }

  /** if (counter < 0) ask(), with the counter in its local */
  #check(): void {
    const out = this.#out;
    this.#isNegative();
    out.two(Op.if, EMPTY);
    out.byte(Op.call);
    out.unsigned(this.#indices.ask);
    if (this.#isLocal) this.#load();
    out.byte(Op.end);
  }

  /** counter < 0, in front of a branch that takes it */
  #isNegative(): void {
    const out = this.#out;
    out.byte(Op.localGet);
    out.unsigned(this.#counter);
    out.two(Op.i32Const, 0);
    out.byte(Op.i32LessSigned);
    this.#hints.unlikely(out.length);
  }

  /** The last operand says how much an operator does. */
  #chargeAmount(amount: number): void {
    const out = this.#out;
    const isWide = amount === Amount.wideEntries;
    const local = isWide ? this.#wideAmount : this.#amount;
    out.byte(Op.localTee);
    out.unsigned(local);
    this.#read();
    out.byte(Op.localGet);
    out.unsigned(local);
    if (isWide) out.byte(I32_WRAP);
    if (amount === Amount.elements) {
      out.two(Op.i32Const, ELEMENTS_PER_UNIT_SHIFT);
      out.two(I32_SHIFT_RIGHT, Op.i32Sub);
    } else {
      out.byte(Op.i32Const);
      out.constant(ENTRIES_MASK);
      out.byte(I32_AND);
      out.two(Op.i32Const, UNITS_PER_ENTRY_SHIFT);
      out.two(I32_SHIFT_LEFT, Op.i32Sub);
    }
    this.#write(true);
    this.#check();
  }

  #read(): void {
    this.#out.byte(this.#isLocal ? Op.localGet : Op.globalGet);
    this.#out.unsigned(this.#isLocal ? this.#counter : this.#indices.counter);
  }

  /** @param isChecked it is needed once more */
  #write(isChecked: boolean): void {
    const out = this.#out;
    if (isChecked || this.#isLocal) {
      out.byte(Op.localTee);
      out.unsigned(this.#counter);
    }
    out.byte(Op.globalSet);
    out.unsigned(this.#indices.counter);
  }

  #load(): void {
    const out = this.#out;
    out.byte(Op.globalGet);
    out.unsigned(this.#indices.counter);
    out.byte(Op.localSet);
    out.unsigned(this.#counter);
  }
}

const I32_SHIFT_LEFT = 0x74;
const I32_SHIFT_RIGHT = 0x76;
const I32_AND = 0x71;
const I32_WRAP = 0xa7;
