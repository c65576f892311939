/**
 * malformed-strings, huge-length: pointers, lengths, cases and handles that no compiler would make, in calls of the network.
 * Each ends the guest, the host goes on, and nothing is allocated for a length that is only said.
 */
import { describe, expect, test } from 'vitest';
import { openEgress } from './egress.ts';

/** Cases of the guest `egress`. */
const CASES = Array.from({ length: 31 }, (_, index) => index);

describe('a call of the network that no compiler would make', () => {
  test.each(CASES)('hostile %i ends the guest, and nobody else', async (index) => {
    const before = process.memoryUsage().arrayBuffers;
    const { run } = await openEgress({
      http: [{ methods: ['GET'], url: 'http://a.test/**' }],
      sockets: ['tcp', 'udp'].map((protocol) => ({ protocol, connect: '127.0.0.1:9' })),
      dns: [{ names: ['*.test', 'abc'] }],
      network: { resolver: () => Promise.resolve(['127.0.0.1']) },
      tries: [`hostile|${index}`],
    });
    const { outcome, stdout } = await run();
    expect(stdout).toBe('');
    expect(outcome.kind).toBe('trap');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
  });
});
