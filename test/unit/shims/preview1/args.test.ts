import { describe, expect, it } from 'vitest';
import { Errno } from '../../../../shims/preview1/errno.ts';
import { MAX_U32, OUTSIDE, Shim } from './harness.ts';

describe('args_get', () => {
  it('lays out pointers and NUL-terminated UTF-8', () => {
    const shim = new Shim({ args: ['program', 'ä', ''] });
    const sizes = shim.room(8);
    expect(shim.call.args_sizes_get(sizes, sizes + 4)).toBe(Errno.success);
    expect([shim.u32(sizes), shim.u32(sizes + 4)]).toEqual([3, 12]);
    const pointers = shim.room(12);
    const buffer = shim.room(12);
    expect(shim.call.args_get(pointers, buffer)).toBe(Errno.success);
    expect(shim.text(buffer, 12)).toBe('program\0ä\0\0');
    expect([0, 4, 8].map((offset) => shim.u32(pointers + offset) - buffer)).toEqual([0, 8, 11]);
  });

  it('has nothing to give where no arguments are granted', () => {
    const shim = new Shim();
    const sizes = shim.room(8);
    shim.bytes.fill(0xee, sizes, sizes + 8);
    expect(shim.call.args_sizes_get(sizes, sizes + 4)).toBe(Errno.success);
    expect([shim.u32(sizes), shim.u32(sizes + 4)]).toEqual([0, 0]);
    expect(shim.call.args_get(sizes, sizes)).toBe(Errno.success);
  });
});

describe('environ_get', () => {
  it('joins names and values', () => {
    const shim = new Shim({
      env: [
        ['A', '1'],
        ['__proto__', 'x=y'],
      ],
    });
    const sizes = shim.room(8);
    expect(shim.call.environ_sizes_get(sizes, sizes + 4)).toBe(Errno.success);
    expect([shim.u32(sizes), shim.u32(sizes + 4)]).toEqual([2, 18]);
    const pointers = shim.room(8);
    const buffer = shim.room(18);
    expect(shim.call.environ_get(pointers, buffer)).toBe(Errno.success);
    expect(shim.text(buffer, 18)).toBe('A=1\0__proto__=x=y\0');
  });
});

describe('bad pointers', () => {
  it.each([OUTSIDE, OUTSIDE - 3, MAX_U32])('%i is a fault and writes nothing', (bad) => {
    const shim = new Shim({ args: ['a', 'b'] });
    const good = shim.room(64);
    expect(shim.call.args_get(bad, good)).toBe(Errno.fault);
    expect(shim.call.args_get(good, bad)).toBe(Errno.fault);
    expect(shim.call.args_sizes_get(good, bad)).toBe(Errno.fault);
    expect(shim.call.args_sizes_get(bad, good)).toBe(Errno.fault);
    expect(shim.bytes.slice(good, good + 64).every((byte) => byte === 0)).toBe(true);
  });
});
