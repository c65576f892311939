// Case stdout-flood, and its counterpart: who moves more than fits into memory waits for the other end, and the host keeps
// next to nothing. `npm run attack:flood` does the same with 1 GiB.
import { expect, test } from 'vitest';
import { flood, FLOODS } from './flood/flood.ts';

const MIB = 2 ** 20;
/** The collector lets 160 MiB of chunks come together, however many there are. */
const AMOUNT = 512;

test.each(Object.keys(FLOODS))('%s: memory stays flat', { timeout: 120_000 }, async (direction) => {
  const { outcome, moved, apart, growth } = await flood(direction, AMOUNT);
  expect(outcome).toEqual({ kind: 'exit', code: 0 });
  expect(moved).toBe(AMOUNT * MIB);
  // A chunk of the source, and what goes through a pipe at once.
  expect(apart).toBeLessThanOrEqual(2 * MIB);
  // Garbage of chunks, until the collector comes.
  for (const bytes of Object.values(growth)) expect(bytes).toBeLessThan((AMOUNT / 2) * MIB);
});
