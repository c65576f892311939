import { encodeModule, functionType } from '../../../shims/canonical-abi/core-module.ts';

/**
 * What a metered module calls when its counter is below zero: it asks the host, and suspends if it is told to. WebAssembly, because
 * only so it stays on the guest's stack, which can be suspended, and ends the guest with a trap that no handler can catch.
 *
 * (module
 *   (import "" "tick" (func $tick (param $counter i32) (param $reason i32) (result i32)))
 *   (import "" "yield" (func $yield))
 *   (func (export "tick") (param $counter i32) (result i32) (local $reason i32) (local $answer i32)
 *     (loop $again
 *       (local.tee $answer (call $tick (local.get $counter) (local.get $reason)))
 *       (if (i32.ge_s (i32.const 0)) (then (return (local.get $answer))))
 *       (if (i32.ne (local.get $answer) (i32.const -1)) (then unreachable))
 *       (local.set $reason (i32.const 2))
 *       (block $stuck
 *         (try_table (catch_all $stuck) (call $yield))
 *         (local.set $reason (i32.const 1)))
 *       (br $again))
 *     unreachable))
 */
export const TICK_MODULE: Uint8Array<ArrayBuffer> = encodeModule({
  types: [functionType(['i32', 'i32'], ['i32']), functionType([], []), functionType(['i32'], ['i32'])],
  imports: [
    { name: 'tick', type: 0 },
    { name: 'yield', type: 1 },
  ],
  functions: [
    {
      name: 'tick',
      type: 2,
      body: [
        1, 2, 0x7f, 0x03, 0x40, 0x20, 0, 0x20, 1, 0x10, 0, 0x22, 2, 0x41, 0, 0x4e, 0x04, 0x40, 0x20, 2, 0x0f,
        0x0b, 0x20, 2, 0x41, 0x7f, 0x47, 0x04, 0x40, 0x00, 0x0b, 0x41, 2, 0x21, 1, 0x02, 0x40, 0x1f, 0x40, 1,
        2, 0, 0x10, 1, 0x0b, 0x41, 1, 0x21, 1, 0x0b, 0x0c, 0, 0x0b, 0x00, 0x0b,
      ],
    },
  ],
});
