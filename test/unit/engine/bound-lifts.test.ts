import { expect, test } from 'vitest';
import { translate } from '../../../src/engine/translate.ts';
import { watGuest } from '../../guests/index.ts';

const TYPES = [
  'string',
  '(list u8)',
  '(list s16)',
  '(list f64)',
  '(list bool)',
  '(list char)',
  '(list string)',
  '(list (list string))',
  '(list (list u64))',
  '(list (tuple u8 string))',
  '(list (option (list u8)))',
  '(list (result (list string) (error string)))',
  '(list (own $r))',
  '(list string 3)',
  '(list (list u8 100))',
  '(map string (list string))',
  '(list (map u32 string))',
];

/** More than what is passed as flat parameters and results: so all of it is in memory. */
const MANY = Array<string>(18).fill('u64').join(' ');

/** @param encoding of the strings that it passes */
const component = (type: string, encoding: string): string => `(component
  (import "test:host/calls" (instance $calls
    (export "r" (type $r (sub resource)))
    (export "stored" (func (param "value" (tuple ${MANY} ${type}))))))
  (alias export $calls "r" (type $r))
  (core module $libc
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
  (core instance $libc (instantiate $libc))
  (core func $stored (canon lower (func $calls "stored")
    (memory (core memory $libc "memory")) (realloc (core func $libc "realloc")) string-encoding=${encoding}))
  (core module $m
    (import "host" "stored" (func $stored (param i32)))
    (func (export "go") (result i32) (call $stored (i32.const 0)) (i32.const 0)))
  (core instance $m (instantiate $m (with "host" (instance (export "stored" (func $stored))))))
  (type $value ${type.startsWith('(') ? type : `(tuple ${type} ${type})`})
  (func (export "go") (result $value)
    (canon lift (core func $m "go") (memory (core memory $libc "memory")) string-encoding=${encoding})))`;

/** What the generator writes where a string or list is taken out of memory. */
const LIFT =
  /\.decode\(new |\.buffer\.slice\(|for \(let i = 0; i < (?:len\d+|\d+); i\+\+\) \{\s*const base = (?:base|addr)\d+ /g;

test.each(TYPES.flatMap((type) => ['utf8', 'utf16'].map((encoding) => [type, encoding] as const)))(
  'every lift of %s in %s spends a budget',
  async (type, encoding) => {
    const { glue } = await translate(await watGuest(component(type, encoding)));
    // What stands before is the generator's library, whose ways to lift are those of WASI 0.3 and not used.
    const own = glue.slice(glue.indexOf('function* _initGenerator'));
    const lifts = [...own.matchAll(LIFT)];
    expect(lifts.length).toBeGreaterThan(1);
    for (const { index } of lifts) {
      const before = own.slice(0, own.lastIndexOf('\n', index));
      expect(before.slice(before.lastIndexOf('\n') + 1)).toMatch(/^\$lifts\.spend\(.*\);$/);
    }
    // One for the parameters of the import, one after them, and one for the result of the export.
    expect(own.match(/^\$lifts\.start\(\);$/gm)).toHaveLength(3);
  },
);
