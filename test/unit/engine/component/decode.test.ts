import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { expect, test } from 'vitest';
import { typeText } from '../../../../shims/canonical-abi/type-text.ts';
import { decodeComponent } from '../../../../src/engine/component/decode.ts';
import type { ComponentDefinition, ExternShape } from '../../../../src/engine/component/definition.ts';

async function decode(text: string): Promise<ComponentDefinition> {
  return decodeComponent(await parse(`(component ${text})`)).root;
}

function functionsOf(shape: ExternShape | undefined): string[] {
  if (shape?.sort !== 'instance') throw new Error('no instance');
  return [...shape.shape.exports].flatMap(([name, item]) =>
    item.sort === 'func' ? [`${name}: ${typeText(item.type)}`] : [],
  );
}

test('reads every kind of type', async () => {
  const { imports } = await decode(`
    (type $record (record (field "a-b" u8) (field "c" string)))
    (type $variant (variant (case "none") (case "some" $record)))
    (type $flags (flags "x" "y"))
    (type $enum (enum "left" "right"))
    (type $future (future u16))
    (type $result (result $future (error string)))
    (import "f" (func async
      (param "v" $variant) (param "f" $flags) (param "e" $enum) (param "t" (tuple s64 f32))
      (param "l" (list char)) (param "o" (option bool)) (param "s" (stream u8)) (param "p" (stream))
      (result $result)))`);
  const [{ shape } = {}] = imports;
  expect(shape?.sort === 'func' && typeText(shape.type)).toBe(
    'async func(v: variant { none, some(record { a-b: u8, c: string }) }, f: flags { x, y }, ' +
      'e: enum { left, right }, t: tuple<s64, f32>, l: list<char>, o: option<bool>, s: stream<u8>, p: stream) ' +
      '-> result<future<u16>, string>',
  );
});

test('a resource type gets one slot, under whatever name it is used', async () => {
  const { imports, resourceCount } = await decode(`
    (import "a:b/one" (instance $one
      (export "thing" (type $thing (sub resource)))
      (export "make" (func (result (own $thing))))))
    (alias export $one "thing" (type $thing))
    (import "a:b/two" (instance $two
      (alias outer 1 $thing (type $outer))
      (export "same" (type $same (eq $outer)))
      (export "take" (func (param "t" (borrow $same))))))`);
  expect(resourceCount).toBe(1);
  expect(imports.map(({ resources }) => resources)).toEqual([[{ slot: 0, path: ['thing'] }], []]);
  expect(imports.flatMap(({ shape }) => functionsOf(shape))).toEqual([
    'make: func() -> own<thing>',
    'take: func(t: borrow<thing>)',
  ]);
});

const COUNTER = `
  (component $counter
    (core module $m
      (func (export "new") (param i32) (result i32) unreachable)
      (func (export "dtor") (param i32)))
    (core instance $i (instantiate $m))
    (type $own-type (resource (rep i32) (dtor (core func $i "dtor"))))
    (export $type "counter" (type $own-type))
    (func $new (param "from" u32) (result (own $type)) (canon lift (core func $i "new")))
    (export "new" (func $new)))`;

test('each instance of a component inside brings resource types of its own', async () => {
  const { exports, resourceCount } = await decode(`${COUNTER}
    (instance $a (instantiate $counter))
    (instance $b (instantiate $counter))
    (export "a" (instance $a))
    (export "b" (instance $b))`);
  expect(resourceCount).toBe(2);
  const slots = exports.map(({ shape }) => {
    const type = shape.sort === 'instance' ? shape.shape.exports.get('new') : undefined;
    const result = type?.sort === 'func' ? type.type.result : undefined;
    return result?.kind === 'own' ? result.resource.slot : undefined;
  });
  expect(slots).toEqual([0, 1]);
});

test('a type that does not depend on resources stays the same node in every instance', async () => {
  const { exports } = await decode(`
    (component $c
      (type $big (record (field "a" u8) (field "b" string)))
      (import "f" (func $f (param "x" $big)))
      (export "g" (func $f)))
    (type $big (record (field "a" u8) (field "b" string)))
    (import "f" (func $f (param "x" $big)))
    (instance $a (instantiate $c (with "f" (func $f))))
    (instance $b (instantiate $c (with "f" (func $f))))
    (export "a" (instance $a)) (export "b" (instance $b))`);
  const [a, b] = exports.map(({ shape }) => {
    const found = shape.sort === 'instance' ? shape.shape.exports.get('g') : undefined;
    return found?.sort === 'func' ? found.type.params[0]?.type : undefined;
  });
  expect(a).toBeDefined();
  expect(a).toBe(b);
});

const I32_FUNC =
  '(core module $m (func (export "f") (param i32) (result i32) unreachable))(core instance $i (instantiate $m))';

test.each([
  [
    'a function is lifted that is of another type',
    `${I32_FUNC}(func (param "x" u64) (canon lift (core func $i "f")))`,
    'a function that is lifted is (i32) -> (i32); expected (i64) -> ()',
  ],
  [
    'a callback is of another type',
    `${I32_FUNC}(core module $n (func (export "g") (result i32) unreachable))(core instance $j (instantiate $n))(func async (canon lift (core func $j "g") async (callback (core func $i "f"))))`,
    'a callback is (i32) -> (i32)',
  ],
  [
    'realloc is of another type',
    `${I32_FUNC}(func (param "x" u32) (result u32) (canon lift (core func $i "f") (realloc (core func $i "f"))))`,
    'realloc is (i32) -> (i32)',
  ],
  [
    'a destructor is of another type',
    `${I32_FUNC}(type (resource (rep i32) (dtor (core func $i "f"))))`,
    'a destructor is (i32) -> (i32)',
  ],
  [
    'a lowered function is imported as another type',
    '(import "f" (func $f (param "x" u64)))(core func $l (canon lower (func $f)))(core module $m (import "a" "b" (func (param f64))))(core instance (instantiate $m (with "a" (instance (export "b" (func $l))))))',
    'imports "a.b" as func (f64) -> (), and is given func (i64) -> ()',
  ],
  [
    'a core module lacks an import',
    '(core module $m (import "a" "b" (memory 1)))(core instance (instantiate $m))',
    'imports "a.b" as memory, and is given nothing',
  ],
  [
    'a core alias is of another sort',
    `${I32_FUNC}(alias core export $i "f" (core memory))`,
    'exports no memory "f"',
  ],
  ['a core alias is of nothing', `${I32_FUNC}(alias core export $i "g" (core func))`, 'exports no func "g"'],
  [
    'it looks into the resources of another component',
    '(import "r" (type $r (sub resource)))(core func (canon resource.rep $r))',
    'resource.rep is of a resource type that another component defines',
  ],
  [
    'it makes resources of another component',
    '(import "r" (type $r (sub resource)))(core func (canon resource.new $r))',
    'resource.new is of a resource type that another component defines',
  ],
  ['a label is none', '(type (record (field "__proto__" u8)))', 'is no label'],
  [
    'a label stands twice',
    '(type (record (field "a-b" u8) (field "A-b" u8)))',
    'is no label, or not the only one',
  ],
  [
    'a stream has borrowed handles',
    '(import "r" (type $r (sub resource)))(type (stream (borrow $r)))',
    'a stream has elements with borrowed handles',
  ],
  [
    'a function gives a borrowed handle',
    '(import "r" (type $r (sub resource)))(type (func (result (list (borrow $r)))))',
    'a function gives a borrowed handle',
  ],
  ['a name is imported twice', '(import "a" (func))(import "a" (func))', 'stands twice'],
  [
    'a component inside lacks an import',
    '(component $c (import "f" (func)))(instance (instantiate $c))',
    'lacks its import "f"',
  ],
  [
    'a resource type comes from outside of a component',
    '(import "r" (type $r (sub resource)))(type $o (own $r))(component (alias outer 1 $o (type)))',
    'takes a resource type out of another component',
  ],
  ['an index is of nothing', '(alias export 7 "x" (func))', 'instance 7 does not exist'],
])('is refused as broken: %s', async (_what, text, message) => {
  await expect(decode(text)).rejects.toMatchObject({
    code: 'BW_PROGRAM_INVALID',
    message: expect.stringContaining(message) as string,
  });
});

test.each([
  ['(core func (canon error-context.drop))', 'error-context'],
  ['(core func (canon thread.available_parallelism))', 'thread'],
  ['(import "m" (core module))', 'core'],
  ['(core module $m) (export "m" (core module $m))', 'module that is passed on'],
  ['(component $c) (export "c" (component $c))', 'component that is passed on'],
  ['(import "c" (component))', 'component that is passed on'],
])('is refused as not supported: %s', async (text, message) => {
  await expect(decode(text)).rejects.toMatchObject({
    code: 'BW_PROGRAM_UNSUPPORTED',
    message: expect.stringContaining(message) as string,
  });
});

test('an outer alias may take a type of instances that brings its resource types along', async () => {
  const { definitions } = await decode(`
    (type $t (instance (export "r" (type $r (sub resource))) (export "f" (func (result (own $r))))))
    (component (alias outer 1 $t (type $i)) (import "x" (instance (type $i))))`);
  expect(definitions).toHaveLength(1);
});

test('says at which byte of the program something is wrong, also inside of a component inside', async () => {
  const bytes = await parse('(component (component (component (alias export 7 "x" (func)))))');
  // The alias ends the program: its sort, its target, the instance, and the name.
  await expect(async () => decodeComponent(bytes)).rejects.toThrow(`at byte ${bytes.length - 2}`);
});

test('a component inside is not given another type of resource than it takes, whatever it is called', async () => {
  const text = (given: string): string => `
    (component $maker (type $r (resource (rep i32))) (export "r" (type $r)))
    (component $taker (import "r" (type $r (sub resource))) (import "f" (func (param "x" (own $r)))))
    (instance $a (instantiate $maker)) (instance $b (instantiate $maker))
    (alias export $a "r" (type $ra)) (alias export $b "r" (type $rb))
    (import "f" (func $f (param "x" (own ${given}))))
    (instance (instantiate $taker (with "r" (type $ra)) (with "f" (func $f))))`;
  await expect(decode(text('$rb'))).rejects.toThrow('is given something of another type');
  await expect(decode(text('$ra'))).resolves.toBeDefined();
});

test.each([
  ['(param "x" u32)', '(param "x" u64)'],
  ['(param "x" u32)', '(param "y" u32)'],
  ['(param "x" u32)', ''],
  ['async', ''],
  ['(result (list u8))', '(result (list u16))'],
  ['(result (tuple u8 u8))', '(result (tuple u8))'],
  ['(result (option string))', '(result string)'],
])('a component inside takes a function %s, and is not given one %s', async (taken, given) => {
  const text = (type: string): string => `
    (component $c (import "f" (func ${taken})))
    (import "f" (func $f ${type}))
    (instance (instantiate $c (with "f" (func $f))))`;
  await expect(decode(text(given))).rejects.toThrow('is given something of another type');
  await expect(decode(text(taken))).resolves.toBeDefined();
});
