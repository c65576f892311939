import { GuestTrap } from '../src/virtual/host.ts';

/** Ends the guest where the Canonical ABI says "trap". */
export function trap(reason: string): never {
  throw new GuestTrap(reason);
}
