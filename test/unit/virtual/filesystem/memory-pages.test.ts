import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MemoryPages, PAGE_BYTES } from '../../../../src/virtual/filesystem/memory-pages.ts';
import { Quota } from '../../../../src/virtual/filesystem/quota.ts';

const position = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.integer({ min: 0, max: 5 }).map((page) => page * PAGE_BYTES),
  fc.integer({ min: 0, max: 6 * PAGE_BYTES }),
  fc.integer({ min: 20, max: 24 }).map((page) => page * PAGE_BYTES + 5),
);
const length = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 3 * PAGE_BYTES }));
const step = fc.oneof(
  fc.record({ do: fc.constant('write' as const), position, length, byte: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ do: fc.constant('resize' as const), position }),
  fc.record({ do: fc.constant('read' as const), position, length }),
);

/** What the documentation says is counted: pages that were written to, up to the file's end. */
function countOf(pages: ReadonlySet<number>, size: number): number {
  return [...pages].reduce((sum, page) => sum + Math.min(PAGE_BYTES, size - page * PAGE_BYTES), 0);
}

test('pages are one array of bytes, whatever is done, and count what was written', () => {
  const base = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3 * PAGE_BYTES }));
  fc.assert(
    fc.property(base, fc.array(step, { maxLength: 20 }), (baseSize, steps) => {
      const shared = new Uint8Array(baseSize).fill(7);
      const pages = new MemoryPages(baseSize === 0 ? undefined : shared);
      const model = new Uint8Array(32 * PAGE_BYTES);
      model.set(shared);
      const present = new Set<number>();
      const quota = new Quota();
      let size = baseSize;
      for (const each of steps) {
        if (each.do === 'write') {
          const bytes = new Uint8Array(each.length).fill(each.byte);
          expect(pages.write(quota, bytes, 0, bytes.length, each.position)).toBe(bytes.length);
          model.set(bytes, each.position);
          const end = each.position + bytes.length;
          size = Math.max(size, end);
          for (let at = Math.floor(each.position / PAGE_BYTES); at * PAGE_BYTES < end; at++) present.add(at);
        } else if (each.do === 'resize') {
          expect(pages.resize(quota, each.position)).toBe(0);
          size = each.position;
          model.fill(0, size);
          for (const at of present) if (at * PAGE_BYTES >= size) present.delete(at);
        } else {
          const target = new Uint8Array(each.length + 2).fill(99);
          const count = pages.read(target, 1, each.length, each.position);
          const expected = model.subarray(each.position, Math.min(size, each.position + each.length));
          expect(count).toBe(each.position < size ? expected.length : 0);
          if (count > 0) expect(Buffer.compare(target.subarray(1, 1 + count), expected)).toBe(0);
          expect([target[0], target[1 + count]]).toEqual([99, 99]);
        }
        expect([pages.size, pages.counted, quota.bytes]).toEqual([
          size,
          countOf(present, size),
          countOf(present, size),
        ]);
      }
      const all = new Uint8Array(size);
      pages.read(all, 0, size, 0);
      expect(Buffer.compare(all, model.subarray(0, size))).toBe(0);
      expect(shared.every((byte) => byte === 7)).toBe(true);
    }),
    { numRuns: 150 },
  );
});

describe('far out', () => {
  test('one byte at 8 GiB is one page, and reads back', () => {
    const pages = new MemoryPages();
    const quota = new Quota({ bytes: 1000 });
    expect(pages.write(quota, Uint8Array.of(42), 0, 1, 2 ** 33)).toBe(1);
    expect([pages.size, quota.bytes]).toEqual([2 ** 33 + 1, 1]);
    const target = new Uint8Array(3);
    expect(pages.read(target, 0, 3, 2 ** 33 - 2)).toBe(3);
    expect([...target]).toEqual([0, 0, 42]);
  });

  test('the last position of all', () => {
    const pages = new MemoryPages();
    const quota = new Quota();
    expect(pages.write(quota, Uint8Array.of(1), 0, 1, Number.MAX_SAFE_INTEGER - 1)).toBe(1);
    expect(pages.write(quota, Uint8Array.of(1, 2), 0, 2, Number.MAX_SAFE_INTEGER - 1)).toBeLessThan(0);
    expect(pages.size).toBe(Number.MAX_SAFE_INTEGER);
    expect(pages.resize(quota, 0)).toBe(0);
    expect(quota.bytes).toBe(0);
  });

  test('a request that passes the quota changes nothing', () => {
    const pages = new MemoryPages(Uint8Array.of(1, 2, 3));
    const quota = new Quota({ bytes: 10 });
    expect(pages.write(quota, new Uint8Array(11), 0, 11, 0)).toBeLessThan(0);
    expect([pages.size, pages.counted, quota.bytes]).toEqual([3, 0, 0]);
  });
});
