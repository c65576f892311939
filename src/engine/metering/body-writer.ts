import { type BodyPlan, Insertion } from './body-plan.ts';
import type { BranchHints } from './branch-hints.ts';
import type { ByteWriter } from './byte-writer.ts';
import { Op } from './operators.ts';

const I32 = 0x7f;
const I64 = 0x7e;
const EMPTY = 0x40;

/** What the code refers to beside what was there. */
export interface MeteringIndices {
  /** Globals. */
  readonly counter: number;
  readonly tick: number;
  /** Type of the function in `tick`. */
  readonly tickType: number;
}

/** Where the counter is while a function runs. */
interface Locals {
  /** The counter itself, or what it has just become. */
  readonly counter: number;
  readonly bulk: number;
  readonly wideBulk: number;
}

/**
 * Writes the code of functions with the insertions of a plan.
 *
 * The counter is a global. A function with a tight loop keeps it in a local: V8 has locals in registers. It puts it back where it
 * calls, and where it is left.
 */
export class BodyWriter {
  readonly #out: ByteWriter;
  readonly #indices: MeteringIndices;
  readonly #hints: BranchHints;
  #isLocal = false;
  #locals: Locals = { counter: 0, bulk: 0, wideBulk: 0 };

  constructor(out: ByteWriter, indices: MeteringIndices, hints: BranchHints) {
    this.#out = out;
    this.#indices = indices;
    this.#hints = hints;
  }

  /**
   * @param bytes with the body in it: its declarations of locals from `start` on, its code from `code` to `end`
   * @param groups how many declarations there are
   * @param locals how many locals there are, parameters included
   */
  write(bytes: Uint8Array, { groupsStart, code, end, groups, locals }: Body, plan: BodyPlan): void {
    const out = this.#out;
    if (plan.isLeaf) {
      out.unsigned(groups);
      out.copy(bytes, groupsStart, end);
      return;
    }
    this.#isLocal = plan.hasTightLoop && !plan.hasHandlers;
    out.unsigned(groups + 1 + Number(plan.hasWideBulk));
    out.copy(bytes, groupsStart, code);
    out.two(2, I32);
    if (plan.hasWideBulk) out.two(1, I64);
    this.#locals = { counter: locals, bulk: locals + 1, wideBulk: locals + 2 };
    if (this.#isLocal) this.#load();
    // The function's own piece is the first.
    this.#checked(plan.charges.costOf(0));
    let done = code;
    for (let i = 0; i < plan.count; i++) {
      out.copy(bytes, done, plan.start(i));
      done = plan.end(i);
      this.#insert(plan.kind(i), plan, plan.argument(i));
    }
    out.copy(bytes, done, end);
  }

  #insert(kind: number, { charges }: BodyPlan, argument: number): void {
    switch (kind) {
      case Insertion.charge:
        return this.#charge(charges.costOf(argument));
      case Insertion.loop:
        return this.#checked(charges.costOf(argument));
      case Insertion.afterCall:
        if (this.#isLocal) this.#load();
        return;
      case Insertion.beforeCall:
      case Insertion.exit:
        if (this.#isLocal) this.#store();
        return;
      case Insertion.bulk:
        return this.#bulk();
      case Insertion.bulkWide:
        return this.#bulkWide();
      case Insertion.replace:
        if (this.#isLocal) this.#store();
        this.#out.byte(Op.call);
        this.#out.unsigned(argument);
        if (this.#isLocal) this.#load();
    }
  }

  /** counter -= cost */
  #charge(cost: number): void {
    if (cost === 0) return;
    this.#read();
    this.#subtract(cost);
    this.#write();
  }

  /** counter -= cost; if (counter < 0) counter = tick(counter) */
  #checked(cost: number): void {
    this.#read();
    this.#subtract(cost);
    this.#check();
  }

  /** With the new counter on the stack. */
  #check(): void {
    const out = this.#out;
    const { counter } = this.#locals;
    out.byte(Op.localTee);
    out.unsigned(counter);
    if (!this.#isLocal) {
      this.#write();
      out.byte(Op.localGet);
      out.unsigned(counter);
    }
    out.two(Op.i32Const, 0);
    out.byte(Op.i32LessSigned);
    this.#hints.unlikely(out.length);
    out.two(Op.if, EMPTY);
    out.byte(Op.localGet);
    out.unsigned(counter);
    out.byte(Op.globalGet);
    out.unsigned(this.#indices.tick);
    out.byte(Op.callRef);
    out.unsigned(this.#indices.tickType);
    this.#write();
    out.byte(Op.end);
  }

  /** The last operand says how much an operator does: 16 of it cost a unit. */
  #bulk(): void {
    const out = this.#out;
    const { bulk } = this.#locals;
    out.byte(Op.localTee);
    out.unsigned(bulk);
    this.#read();
    out.byte(Op.localGet);
    out.unsigned(bulk);
    out.two(Op.i32Const, 4);
    out.two(I32_SHIFT_RIGHT, Op.i32Sub);
    this.#check();
  }

  #bulkWide(): void {
    const out = this.#out;
    const { wideBulk } = this.#locals;
    out.byte(Op.localTee);
    out.unsigned(wideBulk);
    this.#read();
    out.byte(Op.localGet);
    out.unsigned(wideBulk);
    out.two(Op.i64Const, 4);
    out.two(I64_SHIFT_RIGHT, I32_WRAP);
    // Nothing that is larger can be done. It must not come out below zero.
    out.byte(Op.i32Const);
    out.constant(0x0fffffff);
    out.two(I32_AND, Op.i32Sub);
    this.#check();
  }

  #subtract(cost: number): void {
    const out = this.#out;
    out.byte(Op.i32Const);
    out.constant(cost);
    out.byte(Op.i32Sub);
  }

  #read(): void {
    this.#access(Op.localGet, Op.globalGet);
  }

  #write(): void {
    this.#access(Op.localSet, Op.globalSet);
  }

  #access(local: number, global: number): void {
    const out = this.#out;
    out.byte(this.#isLocal ? local : global);
    out.unsigned(this.#isLocal ? this.#locals.counter : this.#indices.counter);
  }

  #load(): void {
    const out = this.#out;
    out.byte(Op.globalGet);
    out.unsigned(this.#indices.counter);
    out.byte(Op.localSet);
    out.unsigned(this.#locals.counter);
  }

  #store(): void {
    const out = this.#out;
    out.byte(Op.localGet);
    out.unsigned(this.#locals.counter);
    out.byte(Op.globalSet);
    out.unsigned(this.#indices.counter);
  }
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

const I32_SHIFT_RIGHT = 0x76;
const I32_AND = 0x71;
const I64_SHIFT_RIGHT = 0x88;
const I32_WRAP = 0xa7;
