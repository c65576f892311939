import { Meter } from '../../src/kernel/meter.ts';

/**
 * Handles that the instances of this process hold at the moment, those that have ended included: a usage only says what was open
 * when an instance ended.
 */
export const handleCount: { open: number } = { open: 0 };

const taken = Object.getOwnPropertyDescriptor(Meter.prototype, 'openHandle')?.value as () => boolean;
const given = Object.getOwnPropertyDescriptor(Meter.prototype, 'closeHandle')?.value as () => void;

Meter.prototype.openHandle = function openHandle(this: Meter): boolean {
  const isOpen = taken.call(this);
  if (isOpen) handleCount.open++;
  return isOpen;
};

Meter.prototype.closeHandle = function closeHandle(this: Meter): void {
  handleCount.open--;
  given.call(this);
};
