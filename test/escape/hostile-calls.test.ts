/**
 * malformed-strings, huge-length: pointers, lengths, cases and handles that no compiler would make, in calls of the network.
 * Each ends the guest, the host goes on, and nothing is allocated for a length that is only said.
 */
import { describe, expect, test } from 'vitest';
import { openEgress } from './egress.ts';

/** Cases of the guest `egress`. */
const CASES = Array.from({ length: 31 }, (_, index) => index);

/**
 * What the glue between the component and wasi:http reads by itself, before any code of ours: it throws errors of its own,
 * which are on record as the host's, and cuts off a list that goes past the end of the memory (7).
 */
const GLUE = new Set([6, 8, 9, 10, 11, 12, 13]);
const CUT_OFF = 7;

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
    const survived = index === CUT_OFF;
    expect(stdout).toBe(survived ? 'hostile=survived\n' : '');
    expect(outcome.kind).toBe(survived ? 'exit' : GLUE.has(index) ? 'host-error' : 'trap');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
  });
});
