import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { describe, expect, it } from 'vitest';
import { Engine, type Program } from '../../src/index.ts';

/** `grow` gives the old size of its table, or -1. */
const CORE = `(module $m (table $t 10 funcref)
  (func (export "grow") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0))))`;
const COMPONENT = `(component (core ${CORE.replace('(module $m', 'module $m')}
  (core instance $i (instantiate $m))
  (func $grow (param "by" s32) (result s32) (canon lift (core func $i "grow")))
  (export "grow" (func $grow)))`;

/** What makes a component one of WASI 0.3: a type that only that has. */
const COMPONENT3 = COMPONENT.replace(
  '(component ',
  '(component (type $never (future)) (core func $drop (canon future.drop-readable $never)) ',
);

const engine = new Engine({ cache: false });
const compile = async (wat: string): Promise<Program> => engine.compile(await parse(wat));

describe.each([
  ['0.1', CORE],
  ['0.2', COMPONENT],
  ['0.3', COMPONENT3],
])('WASI %s: limits.tables', (_version, wat) => {
  it.each([
    ['', {}],
    [', metered', { cpu: '1s' }],
  ])(
    'lets tables grow up to the limit; then growing fails, and the guest goes on%s',
    async (_how, limits) => {
      const program = await compile(wat);
      const policy = { version: 1, limits: { tables: 25, ...limits } };
      await using instance = await program.instantiate({ policy });
      const grow = (by: number): Promise<unknown> => instance.call('grow', by);
      expect([await grow(10), await grow(10), await grow(5), await grow(1)]).toEqual([10, -1, 20, -1]);
      await using other = await program.instantiate({ policy: { version: 1, limits } });
      expect([await other.call('grow', 999_990), await other.call('grow', 1)]).toEqual([10, -1]);
    },
  );

  it('refuses a program that wants more to begin with', async () => {
    const policy = { version: 1, limits: { tables: 9 } };
    await expect((await compile(wat)).instantiate({ policy })).rejects.toMatchObject({
      code: 'BW_LIMIT_TABLES',
      hint: 'Raise limits.tables to at least 10.',
    });
  });
});
