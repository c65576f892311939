import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { expect, test } from 'vitest';
import { Engine, type EmbedderImports, type Instance } from '../../../../src/index.ts';

const engine = new Engine();

async function open(text: string, imports: EmbedderImports = {}): Promise<Instance> {
  const program = await engine.compile(await parse(`(component ${text})`), { name: 'test' });
  return program.instantiate({ policy: { version: 1 }, imports });
}

/** A memory, and a `realloc` that gives what comes after what it gave before. */
const MEMORY = `
  (core module $memory
    (memory (export "memory") 1) (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $next) (global.set $next (i32.add (global.get $next) (i32.and (i32.add (local.get 3) (i32.const 7)) (i32.const -8))))))
  (core instance $mem (instantiate $memory))
  (alias core export $mem "memory" (core memory $m))
  (alias core export $mem "realloc" (core func $realloc))`;

/** Hands a text to the embedder and its answer on to whoever called. */
const RELAY = `${MEMORY}
  (type $answer (result string (error (enum "refused" "broken"))))
  (import "acme:test/host@1.2.3" (instance $host (alias outer 1 $answer (type $a)) (export "answer" (type $e (eq $a)))
    (export "ask-it" (func async (param "what" string) (result $e)))))
  (alias export $host "ask-it" (func $ask))
  (core func $ask-core (canon lower (func $ask) (memory $m) (realloc (core func $realloc))))
  (core module $main
    (import "h" "ask" (func $ask (param i32 i32 i32)))
    (func (export "relay") (param i32 i32) (result i32)
      (call $ask (local.get 0) (local.get 1) (i32.const 16)) (i32.const 16)))
  (core instance $i (instantiate $main (with "h" (instance (export "ask" (func $ask-core))))))
  (func $relay async (param "what" string) (result $answer)
    (canon lift (core func $i "relay") (memory $m) (realloc (core func $realloc))))
  (instance $out (export "relay-it" (func $relay)))
  (export "acme:test/guest@0.1.0" (instance $out))
  (export "plain" (func $relay))`;

function asking(askIt: (what: string) => unknown): EmbedderImports {
  return { 'acme:test/host': { askIt } };
}

test('a function of the embedder may answer at once, and later', async () => {
  for (const answer of [(what: string) => `${what}!`, async (what: string) => `${what}!`]) {
    await using instance = await open(RELAY, asking(answer));
    expect(await instance.call('acme:test/guest@0.1.0#relayIt', 'hello')).toBe('hello!');
    expect(await instance.call('guest#relayIt', 'again')).toBe('again!');
    expect(await instance.call('plain', 'ä€😀')).toBe('ä€😀!');
  }
});

test('the error case of a result is thrown, both ways, and the instance lives on', async () => {
  await using instance = await open(
    RELAY,
    asking((what) => {
      if (what === 'payload') throw Object.assign(new Error('no'), { payload: 'refused' });
      if (what === 'case') throw 'broken' as unknown as Error;
      return what;
    }),
  );
  await expect(instance.call('plain', 'payload')).rejects.toMatchObject({ payload: 'refused' });
  await expect(instance.call('plain', 'case')).rejects.toMatchObject({ payload: 'broken' });
  expect(await instance.call('plain', 'fine')).toBe('fine');
});

test('any other error of the embedder ends the instance, also one that comes later', async () => {
  const failures = [
    () => {
      throw new TypeError('ours');
    },
    () => Promise.reject(new TypeError('ours')),
  ];
  for (const fail of failures) {
    await using instance = await open(RELAY, asking(fail));
    await expect(instance.call('plain', 'x')).rejects.toMatchObject({
      code: 'BW_HOST_ERROR',
      cause: new TypeError('ours'),
    });
    expect(instance.outcome?.kind).toBe('host-error');
    await expect(instance.call('plain', 'x')).rejects.toMatchObject({ code: 'BW_HOST_ERROR' });
  }
});

test('an answer of another type is named', async () => {
  await using instance = await open(
    RELAY,
    asking(() => 7),
  );
  await expect(instance.call('plain', 'x')).rejects.toMatchObject({
    code: 'BW_HOST_ERROR',
    cause: {
      code: 'BW_IMPORT_RESULT',
      message:
        'acme:test/host.askIt answered what its type has not: expected a string, found a value of type number.',
    },
  });
});

test('an argument of another type is refused, and the instance lives on', async () => {
  await using instance = await open(
    RELAY,
    asking((what) => what),
  );
  await expect(instance.call('plain', 7)).rejects.toMatchObject({
    code: 'BW_CALL_ARGUMENT',
    message: 'plain was given what its type has not: what: expected a string, found a value of type number.',
  });
  await expect(instance.call('plain')).rejects.toMatchObject({ code: 'BW_CALL_ARGUMENT' });
  expect(await instance.call('plain', 'fine')).toBe('fine');
});

test('what nobody provides is listed, all of it', async () => {
  const text = `${RELAY}
    (import "acme:test/more" (instance (export "a-b" (func)) (export "c" (type $c (sub resource)))
      (export "[constructor]c" (func (result (own $c)))) (export "[method]c.d-e" (func (param "self" (borrow $c))))))
    (import "log-it" (func))
    (import "wasi:cli/environment@0.3.0" (instance (export "constructor" (func)) (export "get-arguments" (func (result (list string))))))
    (import "wasi:nothing/here@0.3.0" (instance (export "f" (func))))`;
  await expect(open(text)).rejects.toMatchObject({
    code: 'BW_LINK_MISSING_IMPORTS',
    missing: [
      'acme:test/host.askIt',
      'acme:test/more.aB',
      'acme:test/more.C',
      'acme:test/more.C.dE',
      'log-it',
      'wasi:cli/environment.constructor',
      'wasi:nothing/here.f',
    ],
  });
});

test('a function of WASI of another type is refused when the program is compiled', async () => {
  const imports =
    '(import "wasi:clocks/monotonic-clock@0.3.0" (instance (export "now" (func (result u32)))))';
  await expect(open(imports)).rejects.toMatchObject({
    code: 'BW_PROGRAM_IMPORT_TYPE',
    message: 'test imports wasi:clocks/monotonic-clock.now as func() -> u32; WASI 0.3.0 has func() -> u64.',
  });
  const older = `(import "wasi:cli/exit@0.3.0" (instance))
    (import "wasi:io/poll@0.2.0" (instance (export "pollable" (type $p (sub resource)))
      (export "[method]pollable.ready" (func (param "self" (borrow $p)) (param "x" u64) (result bool)))))`;
  await expect(open(older)).rejects.toMatchObject({ code: 'BW_PROGRAM_IMPORT_TYPE' });
});

const COUNTERS = `
  (import "acme:test/counters" (instance $host (export "counter" (type $c (sub resource)))
    (export "[constructor]counter" (func (param "from" u32) (result (own $c))))
    (export "[method]counter.next-one" (func (param "self" (borrow $c)) (result u32)))
    (export "[static]counter.how-many" (func (result u32)))))
  (alias export $host "counter" (type $c))
  (alias export $host "[constructor]counter" (func $new)) (core func $new-core (canon lower (func $new)))
  (alias export $host "[method]counter.next-one" (func $next)) (core func $next-core (canon lower (func $next)))
  (alias export $host "[static]counter.how-many" (func $many)) (core func $many-core (canon lower (func $many)))
  (core func $drop (canon resource.drop $c))
  (core module $main
    (import "h" "new" (func $new (param i32) (result i32))) (import "h" "next" (func $next (param i32) (result i32)))
    (import "h" "many" (func $many (result i32))) (import "h" "drop" (func $drop (param i32)))
    (func (export "count") (param i32) (result i32) (local $c i32)
      (local.set $c (call $new (local.get 0)))
      (drop (call $next (local.get $c)))
      (call $next (local.get $c)) (call $drop (local.get $c)) (call $many) (i32.const 100) (i32.mul) (i32.add))
    (func (export "keep") (drop (call $new (i32.const 0)))))
  (core instance $i (instantiate $main (with "h" (instance (export "new" (func $new-core)) (export "next" (func $next-core))
    (export "many" (func $many-core)) (export "drop" (func $drop))))))
  (func $count async (param "from" u32) (result u32) (canon lift (core func $i "count")))
  (func $keep async (canon lift (core func $i "keep")))
  (export "count" (func $count)) (export "keep" (func $keep))`;

test('a class of the embedder is a resource type; what is dropped or left is disposed of', async () => {
  let alive = 0;
  class Counter implements Disposable {
    #value: number;
    constructor(from: number) {
      this.#value = from;
      alive++;
    }
    nextOne(): number {
      return ++this.#value;
    }
    static howMany(): number {
      return alive;
    }
    [Symbol.dispose](): void {
      alive--;
    }
  }
  {
    await using instance = await open(COUNTERS, { 'acme:test/counters': { Counter } });
    expect(await instance.call('count', 7)).toBe(9);
    await instance.call('keep');
    expect(alive).toBe(1);
    expect(await instance.call('count', 7)).toBe(109);
  }
  expect(alive).toBe(0);
});

const GUEST_RESOURCE = `
  (core module $m
    (global $dropped (mut i32) (i32.const 0))
    (func (export "dtor") (param i32) (global.set $dropped (i32.add (global.get $dropped) (local.get 0))))
    (func (export "get") (param i32) (result i32) (local.get 0))
    (func (export "dropped") (result i32) (global.get $dropped)))
  (core instance $i (instantiate $m))
  (type $t (resource (rep i32) (dtor (core func $i "dtor"))))
  (core func $new (canon resource.new $t)) (core func $rep (canon resource.rep $t)) (core func $drop (canon resource.drop $t))
  (core module $n
    (import "t" "new" (func $new (param i32) (result i32))) (import "t" "rep" (func $rep (param i32) (result i32)))
    (import "t" "drop" (func $drop (param i32)))
    (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
    (func (export "take") (param i32) (result i32) (call $rep (local.get 0)) (call $drop (local.get 0))))
  (core instance $j (instantiate $n (with "t" (instance (export "new" (func $new)) (export "rep" (func $rep)) (export "drop" (func $drop))))))
  (export $e "thing" (type $t))
  (func $make async (param "value" u32) (result (own $e)) (canon lift (core func $j "make")))
  (func $get async (param "self" (borrow $e)) (result u32) (canon lift (core func $i "get")))
  (func $take async (param "thing" (own $e)) (result u32) (canon lift (core func $j "take")))
  (func $dropped async (result u32) (canon lift (core func $i "dropped")))
  (export "[constructor]thing" (func $make)) (export "[method]thing.get" (func $get))
  (export "take" (func $take)) (export "dropped" (func $dropped))`;

test('a resource of a component is an object that its functions take, that can be given back, and be disposed of', async () => {
  await using instance = await open(GUEST_RESOURCE);
  const thing = (await instance.call('[constructor]thing', 40)) as Disposable;
  const other = (await instance.call('[constructor]thing', 2)) as Disposable;
  expect(await instance.call('[method]thing.get', thing)).toBe(40);
  expect(await instance.call('take', thing)).toBe(40);
  expect(await instance.call('dropped')).toBe(40);
  await expect(instance.call('[method]thing.get', thing)).rejects.toMatchObject({ code: 'BW_CALL_ARGUMENT' });
  await expect(instance.call('[method]thing.get', { type: {}, rep: 2 })).rejects.toMatchObject({
    code: 'BW_CALL_ARGUMENT',
  });
  other[Symbol.dispose]();
  other[Symbol.dispose]();
  expect(await instance.call('dropped')).toBe(42);
});

test('a resource of one instance is none of another', async () => {
  await using one = await open(GUEST_RESOURCE);
  await using two = await open(GUEST_RESOURCE);
  const thing = await one.call('[constructor]thing', 1);
  await expect(two.call('take', thing)).rejects.toMatchObject({ code: 'BW_CALL_ARGUMENT' });
  expect(await one.call('take', thing)).toBe(1);
});

test('one core module in two components has a memory in each of them', async () => {
  await using instance = await open(`
    (component $c
      (core module $m (memory 1) (func (export "add") (param i32) (result i32)
        (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (local.get 0))) (i32.load (i32.const 0))))
      (core instance $i (instantiate $m))
      (func $add async (param "x" u32) (result u32) (canon lift (core func $i "add")))
      (export "add" (func $add)))
    (instance $a (instantiate $c)) (instance $b (instantiate $c))
    (export "a" (instance $a)) (export "b" (instance $b))`);
  expect(await instance.call('a#add', 5)).toBe(5);
  expect(await instance.call('b#add', 7)).toBe(7);
  expect(await instance.call('a#add', 1)).toBe(6);
});

/** Gives the stream and the future that it gets back. */
const STREAMS = `
  (core module $m (func (export "same") (param i32) (result i32) (local.get 0)))
  (core instance $i (instantiate $m))
  (type $bytes (stream u8)) (type $texts (stream string)) (type $later (future u32))
  (func $bytes async (param "x" $bytes) (result $bytes) (canon lift (core func $i "same")))
  (func $later async (param "x" $later) (result $later) (canon lift (core func $i "same")))
  (export "bytes" (func $bytes)) (export "later" (func $later))`;

test('streams are async iterables and futures promises, through a guest', async () => {
  await using instance = await open(STREAMS);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield Uint8Array.of(1, 2);
    yield Uint8Array.of(3);
  }
  const stream = (await instance.call('bytes', chunks())) as AsyncIterable<Uint8Array>;
  const all: number[] = [];
  for await (const chunk of stream) all.push(...chunk);
  expect(all).toEqual([1, 2, 3]);
  expect(await instance.call('later', Promise.resolve(7))).toBe(7);
});

/** Gives the readable end of a stream and of a future to which nobody writes. */
const SILENT = `
  (type $bytes (stream u8)) (type $later (future u32))
  (core func $stream (canon stream.new $bytes)) (core func $future (canon future.new $later))
  (core module $m
    (import "n" "stream" (func $stream (result i64))) (import "n" "future" (func $future (result i64)))
    (func (export "stream") (result i32) (i32.wrap_i64 (call $stream)))
    (func (export "future") (result i32) (i32.wrap_i64 (call $future))))
  (core instance $i (instantiate $m (with "n" (instance (export "stream" (func $stream)) (export "future" (func $future))))))
  (func $bytes async (result $bytes) (canon lift (core func $i "stream")))
  (func $later async (result $later) (canon lift (core func $i "future")))
  (export "bytes" (func $bytes)) (export "later" (func $later))`;

test('who waits for a guest learns of the end of its instance', async () => {
  const instance = await open(SILENT);
  const stream = (await instance.call('bytes')) as AsyncIterable<Uint8Array>;
  const future = instance.call('later');
  // It is its value that is not there yet, not the call that is under way.
  await instance.idle();
  const next = stream[Symbol.asyncIterator]().next();
  const rejected = expect(future).rejects.toThrow('will not get its value');
  await instance.close();
  expect(await next).toEqual({ done: true, value: undefined });
  await rejected;
});
