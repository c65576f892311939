/** The reasons in scripts/conformance/exceptions.ts, each in the smallest program: when one stops to hold, its row has to go. */
import { describe, expect, test } from 'vitest';
import { adaptCommand } from '../../guests/adapt.ts';
import { addGuardedRealloc } from '../../guests/guarded-realloc.ts';
import { watGuest } from '../../guests/index.ts';
import { type GuestRun, runGuest } from '../../support/guest-run.ts';

/** Runs `body` as a module and, adapted, as a component. */
async function runBoth(body: string): Promise<{ module: GuestRun; component: GuestRun }> {
  const module = await watGuest(`(module
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "_start") ${body}))`);
  const component = await adaptCommand('exception', addGuardedRealloc(module));
  return {
    module: await runGuest(module, 'module'),
    component: await runGuest(component, 'component'),
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
