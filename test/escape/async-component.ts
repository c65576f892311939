/** Bodies of the core functions of {@link asyncComponent}; each does its duty by default. */
export interface AsyncBodies {
  /** Of `cabi_realloc`, before it answers. */
  readonly realloc?: string;
  /** Of the start function of its core module. */
  readonly start?: string;
  /** Of what the call starts; gives a code: 0 to exit, 1 to yield. */
  readonly entry?: string;
  /** Of what is called after that; gives a code, too. */
  readonly callback?: string;
}

/**
 * A component by hand whose `render: async func(text: string) -> string` yields once and gives back nothing. Bodies may call
 * `$return` (with a pointer and a length), `$yield`, `$new`, which makes a stream, and `$again`, `test:host/calls#again` of the
 * embedder's.
 *
 * @returns WebAssembly text
 */
export function asyncComponent({
  realloc = '',
  start = '',
  entry = '(i32.const 1)',
  callback = '(call $return (i32.const 0) (i32.const 0)) (i32.const 0)',
}: AsyncBodies): string {
  return `(component
  (import "test:host/calls" (instance $calls (export "again" (func async))))
  (core module $memory (memory (export "memory") 1))
  (core instance $memory (instantiate $memory))
  (core func $again (canon lower (func $calls "again")))
  (core func $return (canon task.return (result string) (memory (core memory $memory "memory"))))
  (core func $yield (canon thread.yield))
  (type $stream (stream u8))
  (core func $new (canon stream.new $stream))
  (core module $m
    (import "host" "return" (func $return (param i32 i32)))
    (import "host" "yield" (func $yield (result i32)))
    (import "host" "new" (func $new (result i64)))
    (import "host" "again" (func $again))
    (import "host" "memory" (memory 1))
    (func $start ${start})
    (start $start)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) ${realloc} (i32.const 1024))
    (func (export "entry") (param i32 i32) (result i32) ${entry})
    (func (export "callback") (param i32 i32 i32) (result i32) ${callback}))
  (core instance $m (instantiate $m (with "host" (instance
    (export "return" (func $return))
    (export "yield" (func $yield))
    (export "new" (func $new))
    (export "again" (func $again))
    (export "memory" (memory $memory "memory"))))))
  (func (export "render") async (param "text" string) (result string) (canon lift (core func $m "entry") async
    (memory (core memory $memory "memory")) (realloc (core func $m "realloc")) (callback (core func $m "callback")))))`;
}
