import { describe, expect, it } from 'vitest';
import { p3Guest, p3JsGuest, p3LibcGuest, p3WatGuest } from './p3.ts';

const COMPONENT = Buffer.from('\0asm\x0d\0\x01\0', 'latin1');

describe('guests of WASI 0.3 are built', () => {
  it.each([[[]], [['-DLIFT_CALLBACK']], [['-DLIFT_STACKFUL']]])('from C, with %s', async (flags) => {
    const component = Buffer.from(await p3Guest('hello', flags));
    expect(component.subarray(0, 8)).toEqual(COMPONENT);
    expect(component.includes('wasi:cli/run@0.3.0')).toBe(true);
  });

  it('from C with a libc, which is left with no import of 0.1', async () => {
    const component = Buffer.from(await p3LibcGuest('process'));
    expect(component.includes('wasi:cli/environment@0.3.0')).toBe(true);
    expect(component.includes('wasi_snapshot_preview1')).toBe(false);
  });

  it('from JavaScript', async () => {
    const component = Buffer.from(await p3JsGuest('greet'));
    expect(component.includes('wasi:clocks/monotonic-clock@0.3.0')).toBe(true);
  });

  it('from text', async () => {
    const component = await p3WatGuest(`(module
      (func (export "wasi:cli/run@0.3.0#run") (result i32) (i32.const 0)))`);
    expect(Buffer.from(component).subarray(0, 8)).toEqual(COMPONENT);
  });
});
