/** The reasons in scripts/conformance/exceptions.ts, each in the smallest program: when one stops to hold, its row has to go. */
import { beforeAll, describe, expect, test } from 'vitest';
import { adaptCommand } from '../../guests/adapt.ts';
import { watGuest } from '../../guests/index.ts';
import { type GuestRun, runGuest } from '../../support/guest-run.ts';

/** Runs `body` as a module and, adapted, as a component. */
async function runBoth(body: string): Promise<{ module: GuestRun; component: GuestRun }> {
  const module = await watGuest(`(module
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
    (memory (export "memory") 1)
    (global $pages (mut i32) (i32.const 0))
    (func (export "_start") ${body}))`);
  const component = await adaptCommand('exception', module);
  return {
    module: await runGuest(module, 'module', { args: ['p', 'one'] }),
    component: await runGuest(component, 'component', { args: ['p', 'one'] }),
  };
}

test('a component exits with success or failure only', async () => {
  const { module, component } = await runBoth('(call $exit (i32.const 33))');
  expect([module.exitCode, component.exitCode]).toEqual([33, 1]);
});

describe('a write to a descriptor that is not open', () => {
  const exitWithErrno = (vectors: number): string =>
    `(call $exit (call $write (i32.const -31337) (i32.const 64) (i32.const ${vectors}) (i32.const 32)))`;

  test('fails', async () => {
    // One vector of one byte; the memory is all zeros.
    const { module, component } = await runBoth(
      `(i32.store (i32.const 68) (i32.const 1)) ${exitWithErrno(1)}`,
    );
    expect([module.exitCode, component.exitCode]).toEqual([8, 1]);
  });

  test('of no vectors succeeds in the adapter', async () => {
    const { module, component } = await runBoth(exitWithErrno(0));
    expect([module.exitCode, component.exitCode]).toEqual([8, 0]);
  });
});

describe('a program that takes all memory that it finds', () => {
  const sizes = '(drop (call $args_sizes (i32.const 0) (i32.const 4)))';

  test('finds the page of the adapter, which came with the first call', async () => {
    const { module, component } = await runBoth(
      `(global.set $pages (memory.size)) ${sizes} (call $exit (i32.sub (memory.size) (global.get $pages)))`,
    );
    expect([module.exitCode, component.exitCode]).toEqual([0, 1]);
  });

  describe('and marks its end', () => {
    let run: { module: GuestRun; component: GuestRun };
    beforeAll(async () => {
      run = await runBoth(`${sizes}
        (i32.store (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 4)) (i32.const 2))
        (call $exit (call $args (i32.const 64) (i32.const 128)))`);
    });

    test('ends in the adapter', () => {
      expect(run.component.outcome).toMatchObject({ kind: 'trap' });
      expect(run.component.stderr).toBe('assertion failed at adapter line 2858');
    });

    test('is served as a module', () => expect(run.module.exitCode).toBe(0));
  });
});
