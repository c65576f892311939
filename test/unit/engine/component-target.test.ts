import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { expect, test } from 'vitest';
import { Engine } from '../../../src/engine/engine.ts';
import type { Instance } from '../../../src/engine/instance.ts';

const engine = new Engine({ cache: false });

async function instantiate(wat: string, limits: object = {}): Promise<Instance> {
  const program = await engine.compile(await parse(`(component ${wat})`), { name: 'x.wasm' });
  return program.instantiate({ policy: { version: 1, limits } });
}

const CELL = `(core module $m (memory (export "memory") 1)
  (func (export "set") (param i32) (i32.store (i32.const 0) (local.get 0)))
  (func (export "get") (result i32) (i32.load (i32.const 0)))
  (func (export "grow") (result i32) (memory.grow (i32.const 1))))`;

test('a component keeps state in the memory that its limit bounds', async () => {
  const instance = await instantiate(
    `${CELL} (core instance $a (instantiate $m))
     (func (export "set") (param "x" u32) (canon lift (core func $a "set")))
     (func (export "get") (result u32) (canon lift (core func $a "get")))
     (func (export "grow") (result s32) (canon lift (core func $a "grow")))`,
    { memory: '128KiB' },
  );
  await instance.call('set', 7);
  expect(await instance.call('get')).toBe(7);
  expect([await instance.call('grow'), await instance.call('grow')]).toEqual([1, -1]);
  expect(instance.usage().memory).toBe(131_072);
});

test('two instances of one core module would share its memory, and are refused', async () => {
  const start = instantiate(
    `${CELL} (core instance $a (instantiate $m)) (core instance $b (instantiate $m))
     (func (export "set") (param "x" u32) (canon lift (core func $a "set")))
     (func (export "get") (result u32) (canon lift (core func $b "get")))`,
  );
  await expect(start).rejects.toMatchObject({ code: 'BW_PROGRAM_UNSUPPORTED' });
});

test('objects of V8’s heap are refused in its core modules, too', async () => {
  await expect(
    instantiate('(core module $m (type (array i8)))  (core instance (instantiate $m))'),
  ).rejects.toMatchObject({
    code: 'BW_PROGRAM_UNSUPPORTED',
  });
});

test('two instances of one core module would have two tables where one was counted, and are refused', async () => {
  const start = instantiate(
    `(core module $m (table 1 funcref) (func (export "f")))
     (core instance $a (instantiate $m)) (core instance $b (instantiate $m))
     (func (export "f") (canon lift (core func $a "f")))
     (func (export "g") (canon lift (core func $b "f")))`,
  );
  await expect(start).rejects.toMatchObject({ code: 'BW_PROGRAM_UNSUPPORTED' });
});

test('two instances of one core module that holds nothing are two instances', async () => {
  const instance = await instantiate(
    `(core module $m (global $g (mut i32) (i32.const 0))
       (func (export "f") (result i32) (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g)))
     (core instance $a (instantiate $m)) (core instance $b (instantiate $m))
     (func (export "f") (result u32) (canon lift (core func $a "f")))
     (func (export "g") (result u32) (canon lift (core func $b "f")))`,
  );
  expect([await instance.call('f'), await instance.call('f'), await instance.call('g')]).toEqual([1, 2, 1]);
});
