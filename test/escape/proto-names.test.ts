// Case proto-header, for names of core modules: `__proto__` and `constructor` are names like any other. Linking looks
// them up and writes them, and must not reach a prototype of the host's.
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { afterEach, describe, expect, test } from 'vitest';
import { Engine } from '../../src/index.ts';

/** A command whose second core module imports `polluted` of the first under the module name `name`. */
const command = (name: string): string => `(component
  (core module $a (func (export "polluted")))
  (core module $b (import "${name}" "polluted" (func $f)) (func (export "run") (result i32) (call $f) (i32.const 0)))
  (core instance $ia (instantiate $a))
  (core instance $ib (instantiate $b (with "${name}" (instance $ia))))
  (func $run (result (result)) (canon lift (core func $ib "run")))
  (instance $i (export "run" (func $run)))
  (export "wasi:cli/run@0.2.6" (instance $i)))`;

const module = (name: string): string =>
  `(module (import "${name}" "${name}" (func $f)) (func (export "_start") (call $f)))`;

afterEach(() => {
  // So that one failure does not fail all that follows.
  for (const host of [Object.prototype, Object]) Reflect.deleteProperty(host, 'polluted');
});

const engine = new Engine({ cache: false });
const policy = { version: 1 };

test('the name __proto__ of a core module inside a component is refused: jco cannot write it down', async () => {
  const program = engine.compile(await parse(command('__proto__')));
  await expect(program).rejects.toMatchObject({ code: 'BW_PROGRAM_UNSAFE_NAME' });
});

describe.each(['constructor', 'prototype', 'toString'])(
  'the name %s of a core module inside a component',
  (name) => {
    test('runs and pollutes nothing', async () => {
      const program = await engine.compile(await parse(command(name)));
      const instance = await program.instantiate({ policy });
      expect((await instance.run()).outcome).toEqual({ kind: 'exit', code: 0 });
      expect('polluted' in {}).toBe(false);
      expect('polluted' in Object).toBe(false);
    });
  },
);

describe.each(['__proto__', 'constructor', 'prototype', 'toString'])('the name %s of an import', (name) => {
  test('is found nowhere but in what the embedder provides', async () => {
    const program = await engine.compile(await parse(module(name)));
    await expect(program.instantiate({ policy })).rejects.toMatchObject({ missing: [`${name}.${name}`] });
    let called = 0;
    const imports = Object.fromEntries([[name, Object.fromEntries([[name, () => called++]])]]);
    const instance = await program.instantiate({ policy, imports });
    expect((await instance.run()).outcome).toEqual({ kind: 'exit', code: 0 });
    expect(called).toBe(1);
  });
});
