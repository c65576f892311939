import { Op } from './operators.ts';

/**
 * What every call costs beside the operator. It pays for as many operators of the called function: short functions charge nothing,
 * and the others nothing for how they begin.
 */
export const CALL_COST = 16;

/** Bytes that one unit fills or copies; a power of 2. */
export const BYTES_PER_UNIT_SHIFT = 4;

/** Elements of arrays that one unit makes or copies; a power of 2. */
export const ELEMENTS_PER_UNIT_SHIFT = 2;

/** Units that an entry of a table costs, which V8 fills one by one, in up to 30 ns; a power of 2. */
export const UNITS_PER_ENTRY_SHIFT = 4;

/** No table has more entries: what says more fails, and must not be charged so much that the counter turns over. */
export const ENTRIES_MASK = 0xff_ffff;

const THROW = 128;
const TABLE = 16;
const MEMORY_GROW = 1024;
const WAIT = 128;
const FENCE = 16;

/**
 * Units beyond the first of operators for which V8 leaves the code that it has compiled: a unit should never take much longer
 * than a nanosecond. Measured with Node.js 26: an exception 160 ns, another page 1.2 µs, entries of tables 2 to 40 ns.
 */
export function extraCost(opcode: number, number: number): number {
  switch (opcode) {
    case Op.throw:
    case Op.rethrow:
    case Op.throwRef:
      return THROW;
    case Op.tableGet:
    case Op.tableSet:
      return TABLE;
    case Op.memoryGrow:
      return MEMORY_GROW;
    case Op.atomic:
      if (number > 3) return 0;
      return number === 1 || number === 2 ? WAIT : FENCE;
    default:
      return 0;
  }
}
