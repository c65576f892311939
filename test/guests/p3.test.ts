import { describe, expect, it } from 'vitest';
import { runGuest } from '../support/guest-run.ts';
import { p3Guest, p3JsGuest, p3LibcGuest, p3WatGuest } from './p3.ts';

const clocks = { monotonic: { resolution: '1ms' } } as const;

describe('guests of WASI 0.3 are built and run', () => {
  it.each([
    ['sync', []],
    ['callback', ['-DLIFT_CALLBACK']],
    ['stackful', ['-DLIFT_STACKFUL']],
  ])('from C by hand, its run lifted %s', async (how, flags) => {
    const run = await runGuest(await p3Guest('hello', flags), 'p3', { grant: { clocks } });
    expect([run.exitCode, run.lines]).toEqual([0, [`hello=${how}`]]);
  });

  it('from C with a libc, which is left with no import of 0.1', async () => {
    const component = Buffer.from(await p3LibcGuest('process'));
    expect(component.includes('wasi_snapshot_preview1')).toBe(false);
    expect((await runGuest(component, 'p3', { line: 'arguments a b' })).value('arg.1')).toBe('b');
  });

  it('from JavaScript, which imports interfaces of 0.2, too', async () => {
    const component = Buffer.from(await p3JsGuest('greet'));
    expect(component.includes('wasi:clocks/monotonic-clock@0.3.0')).toBe(true);
    expect(component.includes('wasi:cli/stdout@0.2')).toBe(true);
    const run = await runGuest(component, 'p3', { grant: { clocks }, line: 'you me' });
    expect([run.exitCode, run.lines, run.stderr]).toEqual([0, ['hello you', 'hello me'], '']);
  });

  it.each([
    ['ok', 0],
    ['an error', 1],
  ])('from text, whose run gives %s', async (_, code) => {
    const component = await p3WatGuest(`(module
      (func (export "wasi:cli/run@0.3.0#run") (result i32) (i32.const ${code})))`);
    expect((await runGuest(component, 'p3')).exitCode).toBe(code);
  });
});
