import { Charges } from './charges.ts';
import type { CodeReader } from './code-reader.ts';
import { CALL_COST } from './costs.ts';
import { Insertion, Insertions } from './insertions.ts';
import { OpenBlocks } from './open-blocks.ts';
import { Op } from './operators.ts';

/** What stands for the function itself among the operators of blocks. */
const FUNCTION = 0;

/** Cuts the code of a function into pieces: where it can go, which loops it has, what is put in at their beginnings. */
export class ControlPlan {
  readonly charges: Charges = new Charges();
  readonly insertions: Insertions = new Insertions();
  /** There is a loop that does not call: the counter is worth a local. */
  hasTightLoop = false;
  /** What its handlers find in a local is what it was when the exception came, which may be old. */
  hasHandlers = false;
  hasCall = false;
  hasLoop = false;
  readonly #reader: CodeReader;
  readonly #blocks = new OpenBlocks();
  /** Loops around the code that is read. */
  #loops = 0;
  /** Nothing up to the end of the block at this depth can be reached; -1: it can. */
  #deadIn = -1;

  constructor(reader: CodeReader) {
    this.#reader = reader;
  }

  begin(): void {
    this.charges.clear();
    this.insertions.clear();
    this.#blocks.clear();
    this.#loops = 0;
    this.#deadIn = -1;
    this.hasCall = this.hasLoop = this.hasTightLoop = this.hasHandlers = false;
    this.#blocks.push(FUNCTION, this.charges.openFunction());
  }

  finish(): void {
    this.charges.closeFunction();
  }

  /** Charges for code that can be reached. */
  cost(cost: number): void {
    if (this.#deadIn < 0) this.charges.add(cost);
  }

  block(opcode: number): void {
    this.#reader.skipImmediates(opcode);
    // The same piece goes on in the block.
    this.#blocks.push(opcode, this.charges.current);
  }

  try(opcode: number): void {
    this.hasHandlers = true;
    this.block(opcode);
  }

  loop(at: number, opcode: number): void {
    this.#reader.skipImmediates(opcode);
    this.hasLoop = true;
    this.#loops++;
    const charged = this.charges.close();
    const piece = this.charges.openLoop();
    this.#blocks.pushLoop(opcode, charged, piece);
    this.insertions.add(at, this.#reader.position, Insertion.loop, piece);
  }

  if(opcode: number): void {
    this.cost(1);
    this.#reader.skipImmediates(opcode);
    const charged = this.charges.close();
    this.#blocks.push(opcode, charged);
    this.#piece(charged, false);
  }

  /** The way into a block that is not through its beginning. */
  otherWay(opcode: number): void {
    this.#reader.skipImmediates(opcode);
    this.charges.close();
    this.#revive();
    this.#piece(this.#blocks.charged, false);
  }

  end(opcode: number): void {
    this.#reader.skipImmediates(opcode);
    this.charges.close();
    this.#revive();
    const blocks = this.#blocks;
    const { charged, isClosed } = blocks;
    if (blocks.opener === Op.loop) {
      this.#loops--;
      if (blocks.isInnermostLoop && !blocks.hasCall) this.#tightLoop(blocks.loopPiece);
    }
    blocks.pop();
    if (blocks.depth > 0) this.#piece(charged, isClosed);
  }

  /** Reads a label, and goes there. */
  branch(): void {
    this.#blocks.branch(this.#label());
    this.#die();
  }

  /** Reads a label, where the code may go. @param others numbers that follow the label */
  branchIf(others: number): void {
    this.#blocks.branch(this.#label());
    for (let left = others; left > 0; left--) this.#reader.skipLeb();
    this.#piece(this.charges.close(), false);
  }

  branchTable(): void {
    for (let left = this.#reader.unsigned(); left >= 0; left--) this.#blocks.branch(this.#label());
    this.#die();
  }

  leave(): void {
    this.#blocks.leave();
    this.#die();
  }

  call(): void {
    this.costOfCall();
    this.mayAsk();
    const { position } = this.#reader;
    this.insertions.add(position, position, Insertion.afterCall, 0);
  }

  costOfCall(): void {
    this.cost(CALL_COST);
    this.hasCall = true;
    if (this.#loops === 0 && this.#deadIn < 0) this.charges.addCall();
  }

  /** There is something in this block that may ask for more. */
  mayAsk(): void {
    this.#blocks.addCall();
  }

  #tightLoop(piece: number): void {
    this.hasTightLoop = true;
    this.charges.markTightLoop(piece);
    const { position } = this.#reader;
    this.insertions.add(position, position, Insertion.loopEnd, piece);
  }

  #label(): number {
    const { position } = this.#reader;
    const label = this.#reader.unsigned();
    if (this.#blocks.isBeyondLoop(label))
      this.insertions.add(position, this.#reader.position, Insertion.label, this.#blocks.loopPiece);
    return label;
  }

  #die(): void {
    if (this.#deadIn < 0) this.#deadIn = this.#blocks.depth;
  }

  #revive(): void {
    if (this.#deadIn === this.#blocks.depth) this.#deadIn = -1;
  }

  #piece(dominator: number, isCertain: boolean): void {
    const { position } = this.#reader;
    this.insertions.add(position, position, Insertion.piece, this.charges.open(dominator, isCertain));
  }
}
