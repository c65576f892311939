import { expect, test } from 'vitest';
import { DEFAULT_LIMITS, Meter } from '../../../src/kernel/meter.ts';

test('handles are counted up to the limit, and the peak is kept', () => {
  const meter = new Meter({ ...DEFAULT_LIMITS, handles: 2 });
  expect([meter.openHandle(), meter.openHandle(), meter.openHandle()]).toEqual([true, true, false]);
  expect(meter).toMatchObject({ handles: 2, handlesPeak: 2 });
  meter.closeHandle();
  expect(meter.openHandle()).toBe(true);
  meter.closeHandle();
  meter.closeHandle();
  expect(meter).toMatchObject({ handles: 0, handlesPeak: 2 });
});
