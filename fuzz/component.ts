// Whatever the bytes of a component of WASI 0.3: it is refused with an error of ours, or it runs, however it ends then. An end
// by a fault of the host is a finding: a guest must not make our own code fail.
import assert from 'node:assert/strict';
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { BailiwickError, Engine, type Outcome } from '../src/index.ts';
import { p3Guest } from '../test/guests/p3.ts';
import type { FuzzTarget } from './target.ts';

const POLICY = {
  version: 1,
  clocks: { monotonic: { resolution: '1ms' } },
  stdio: { stdout: true },
  limits: { deadline: '200ms', memory: '4MiB', handles: 64 },
};

/** Two components that have resources, one within the other; and one that waits for a stream of its own. */
const COMPOSED = `(component
  (import "wasi:clocks/monotonic-clock@0.3.0" (instance $clock (export "now" (func (result u64)))))
  (component $counter
    (core module $m
      (func (export "dtor") (param i32))
      (func (export "get") (param i32) (result i32) (local.get 0)))
    (core instance $i (instantiate $m))
    (type $own (resource (rep i32) (dtor (core func $i "dtor"))))
    (core func $make (canon resource.new $own))
    (core module $n (import "" "make" (func $make (param i32) (result i32)))
      (func (export "new") (param i32) (result i32) (call $make (local.get 0))))
    (core instance $j (instantiate $n (with "" (instance (export "make" (func $make))))))
    (export $type "counter" (type $own))
    (func $new (param "from" u32) (result (own $type)) (canon lift (core func $j "new")))
    (func $get (param "self" (borrow $type)) (result u32) (canon lift (core func $i "get")))
    (export "new" (func $new)) (export "get" (func $get)))
  (instance $counters (instantiate $counter))
  (alias export $counters "counter" (type $type))
  (alias export $counters "new" (func $new)) (alias export $counters "get" (func $get))
  (core func $lower-new (canon lower (func $new))) (core func $lower-get (canon lower (func $get)))
  (core func $drop (canon resource.drop $type))
  (alias export $clock "now" (func $now)) (core func $lower-now (canon lower (func $now)))
  (type $bytes (stream u8))
  (core module $memory (memory (export "m") 1))
  (core instance $mem (instantiate $memory))
  (alias core export $mem "m" (core memory $m))
  (core func $stream-new (canon stream.new $bytes))
  (core func $stream-read (canon stream.read $bytes async (memory $m)))
  (core func $set-new (canon waitable-set.new)) (core func $join (canon waitable.join))
  (core func $return (canon task.return (result (result))))
  (core module $main
    (import "c" "new" (func $new (param i32) (result i32))) (import "c" "get" (func $get (param i32) (result i32)))
    (import "c" "drop" (func $drop (param i32))) (import "c" "now" (func $now (result i64)))
    (import "s" "new" (func $stream (result i64))) (import "s" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "s" "set" (func $set (result i32))) (import "s" "join" (func $join (param i32 i32)))
    (import "s" "return" (func $return (param i32)))
    (func (export "run") (result i32) (local $counter i32) (local $end i32)
      (local.set $counter (call $new (i32.const 3)))
      (drop (call $get (local.get $counter))) (call $drop (local.get $counter)) (drop (call $now))
      (local.set $end (i32.wrap_i64 (call $stream)))
      (drop (call $read (local.get $end) (i32.const 0) (i32.const 16)))
      (call $join (local.get $end) (call $set))
      (call $return (i32.const 0)) (i32.const 0))
    (func (export "callback") (param i32 i32 i32) (result i32) (i32.const 0)))
  (core instance $i (instantiate $main
    (with "c" (instance (export "new" (func $lower-new)) (export "get" (func $lower-get))
      (export "drop" (func $drop)) (export "now" (func $lower-now))))
    (with "s" (instance (export "new" (func $stream-new)) (export "read" (func $stream-read))
      (export "set" (func $set-new)) (export "join" (func $join)) (export "return" (func $return))))))
  (type $result (result))
  (func $run async (result $result) (canon lift (core func $i "run") async (callback (core func $i "callback"))))
  (instance $out (export "run" (func $run)))
  (export "wasi:cli/run@0.3.0" (instance $out)))`;

export async function componentTarget(): Promise<FuzzTarget> {
  const seeds = [await parse(COMPOSED), await p3Guest('hello')];
  for (const seed of seeds) assert.deepEqual(await run(seed), { kind: 'exit', code: 0 });
  return { seeds, run: async (input) => void (await run(input)) };
}

async function run(input: Uint8Array): Promise<Outcome | undefined> {
  try {
    // Of its own: the engine would keep the last programs.
    const program = await new Engine().compile(input, { name: 'input' });
    await using instance = await program.instantiate({ policy: POLICY });
    const { outcome } = await instance.run();
    if (outcome.kind === 'host-error') throw outcome.error;
    return outcome;
  } catch (error) {
    assert.ok(error instanceof BailiwickError && error.code !== 'BW_INSTANCE_START', String(error));
    return undefined;
  }
}
