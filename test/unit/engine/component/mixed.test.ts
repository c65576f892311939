import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { expect, test } from 'vitest';
import { Engine } from '../../../../src/index.ts';

const engine = new Engine();

/** A command of WASI 0.3 that sleeps with WASI 0.2. @param body of its `run`; 0 is ok */
function sleeper(body: string): string {
  return `(component
    (import "wasi:io/poll@0.2.0" (instance $poll (export "pollable" (type $p (sub resource)))
      (export "[method]pollable.block" (func (param "self" (borrow $p))))))
    (alias export $poll "pollable" (type $pollable))
    (import "wasi:clocks/monotonic-clock@0.2.6" (instance $clock
      (alias outer 1 $pollable (type $q)) (export "pollable" (type $pp (eq $q)))
      (export "subscribe-duration" (func (param "when" u64) (result (own $pp))))))
    (import "wasi:clocks/monotonic-clock@0.3.1" (instance $now (export "now" (func (result u64)))))
    (alias export $poll "[method]pollable.block" (func $block)) (core func $block-core (canon lower (func $block)))
    (alias export $clock "subscribe-duration" (func $subscribe)) (core func $subscribe-core (canon lower (func $subscribe)))
    (alias export $now "now" (func $time)) (core func $time-core (canon lower (func $time)))
    (core func $drop (canon resource.drop $pollable))
    (core module $main
      (import "h" "block" (func $block (param i32))) (import "h" "subscribe" (func $subscribe (param i64) (result i32)))
      (import "h" "drop" (func $drop (param i32))) (import "h" "now" (func $now (result i64)))
      (func (export "run") (result i32) (local $p i32) (local $start i64) ${body}))
    (core instance $i (instantiate $main (with "h" (instance (export "block" (func $block-core))
      (export "subscribe" (func $subscribe-core)) (export "drop" (func $drop)) (export "now" (func $time-core))))))
    (type $result (result))
    (func $run async (result $result) (canon lift (core func $i "run")))
    (instance $out (export "run" (func $run)))
    (export "wasi:cli/run@0.3.0" (instance $out)))`;
}

const POLICY = { version: 1, clocks: { monotonic: { resolution: '1us' } } };

async function outcomeOf(body: string): Promise<unknown> {
  const program = await engine.compile(await parse(sleeper(body)), { name: 'sleeper' });
  await using instance = await program.instantiate({ policy: POLICY });
  const { outcome, usage } = await instance.run();
  return { outcome, handles: usage.handles };
}

test('functions of WASI 0.2 in a component of 0.3 suspend it, and the event loop goes on', async () => {
  const nap = `(local.set $start (call $now))
    (local.set $p (call $subscribe (i64.const 20000000)))
    (call $block (local.get $p)) (call $drop (local.get $p))
    (i64.lt_u (i64.sub (call $now) (local.get $start)) (i64.const 19000000))`;
  let turns = 0;
  const timer = setInterval(() => turns++, 2);
  const ended = await outcomeOf(nap);
  clearInterval(timer);
  expect(ended).toEqual({ outcome: { kind: 'exit', code: 0 }, handles: 0 });
  expect(turns).toBeGreaterThan(1);
});

test('handles of WASI 0.2 that are none trap', async () => {
  expect(await outcomeOf('(call $block (i32.const 7)) (i32.const 0)')).toMatchObject({
    outcome: { kind: 'trap' },
  });
  expect(await outcomeOf('(call $drop (i32.const 7)) (i32.const 0)')).toMatchObject({
    outcome: { kind: 'trap' },
  });
});

test('run that gives an error exits with 1', async () => {
  expect(await outcomeOf('(i32.const 1)')).toMatchObject({ outcome: { kind: 'exit', code: 1 } });
});
