import type { Host } from '../src/virtual/host.ts';

/** Waits for a transfer beside the thread. A guest whose instance was closed in the meantime is never resumed. */
export async function whileOpen({ signal }: Host, transfer: Promise<number>): Promise<number> {
  const count = await transfer;
  return signal.aborted ? new Promise<never>(() => {}) : count;
}
