import * as fc from 'fast-check';
import { camelCase } from '../../shims/canonical-abi/names.ts';
import type { PrimitiveKind, ValueType } from '../../shims/canonical-abi/types.ts';

export interface TypedValue {
  readonly type: ValueType;
  readonly value: unknown;
}

const PRIMITIVES: Readonly<Record<PrimitiveKind, fc.Arbitrary<unknown>>> = {
  bool: fc.boolean(),
  s8: fc.integer({ min: -128, max: 127 }),
  u8: fc.nat({ max: 255 }),
  s16: fc.integer({ min: -32_768, max: 32_767 }),
  u16: fc.nat({ max: 65_535 }),
  s32: fc.integer(),
  u32: fc.integer({ min: 0, max: 0xffff_ffff }),
  s64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  u64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  f32: fc.float(),
  f64: fc.double(),
  char: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  string: fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'binary-ascii', maxLength: 200 }),
    fc.string({ unit: fc.nat({ max: 255 }).map((code) => String.fromCharCode(code)) }),
  ),
};

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);
const kebab = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join('-'));
const names = (minLength: number, maxLength: number): fc.Arbitrary<string[]> =>
  fc.uniqueArray(kebab, { minLength, maxLength, selector: camelCase });

/** More cases than a byte can tell apart. */
const manyNames = fc
  .integer({ min: 250, max: 300 })
  .map((count) => Array.from({ length: count }, (_item, index) => `case-${index}`));

const resource = fc.record({ slot: fc.nat({ max: 3 }), name: kebab });

const { type } = fc.letrec<{ type: ValueType }>((tie) => {
  const part = tie('type');
  const field = (name: string): fc.Arbitrary<{ name: string; type: ValueType }> =>
    part.map((type) => ({ name, type }));
  return {
    type: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      {
        weight: 4,
        arbitrary: fc.constantFrom(...(Object.keys(PRIMITIVES) as PrimitiveKind[])).map((kind) => ({ kind })),
      },
      part.map((element) => ({ kind: 'list', element })),
      fc.record({ kind: fc.constant('list'), element: part, length: fc.integer({ min: 1, max: 5 }) }),
      names(1, 5).chain((all) => fc.tuple(...all.map(field)).map((fields) => ({ kind: 'record', fields }))),
      fc.array(part, { minLength: 1, maxLength: 4 }).map((elements) => ({ kind: 'tuple', elements })),
      names(1, 5).chain((all) =>
        fc
          .tuple(...all.map((name) => fc.oneof(fc.constant({ name }), field(name))))
          .map((cases) => ({ kind: 'variant', cases })),
      ),
      fc.oneof(names(1, 9), manyNames).map((all) => ({ kind: 'enum', names: all })),
      part.map((some) => ({ kind: 'option', some })),
      fc.record({ kind: fc.constant('result'), ok: part, error: part }, { requiredKeys: ['kind'] }),
      names(1, 32).map((all) => ({ kind: 'flags', names: all })),
      fc.record({ kind: fc.constantFrom('own', 'borrow'), resource }),
      fc.record({ kind: fc.constantFrom('stream', 'future'), element: part }, { requiredKeys: ['kind'] }),
    ) as fc.Arbitrary<ValueType>,
  };
});

/** Any type. */
export const abiType: fc.Arbitrary<ValueType> = type;

/** Any type with a value of it. */
export const typedValue: fc.Arbitrary<TypedValue> = type.chain((type) =>
  valueOf(type).map((value) => ({ type, value })),
);

/** Values of a type. */
export function valueOf(type: ValueType): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'list':
      return listOf(type);
    case 'record':
      return fc.record(
        Object.fromEntries(type.fields.map((field) => [camelCase(field.name), valueOf(field.type)])),
        { noNullPrototype: true },
      );
    case 'tuple':
      return fc.tuple(...type.elements.map(valueOf));
    case 'variant':
      return fc.oneof(...type.cases.map(({ name, type }) => caseOf(name, type)));
    case 'enum':
      return fc.constantFrom(...type.names);
    case 'option':
      return optionOf(type.some);
    case 'result':
      return fc.oneof(
        caseOf('ok', type.ok),
        type.error ? caseOf('err', type.error) : fc.constant({ tag: 'err', val: undefined }),
      );
    case 'flags':
      return fc.integer({ min: 0, max: 2 ** type.names.length - 1 });
    case 'own':
    case 'borrow':
    case 'stream':
    case 'future':
      return fc.nat().map((id) => ({ id }));
    default:
      return PRIMITIVES[type.kind];
  }
}

function listOf({ element, length }: ValueType & { readonly kind: 'list' }): fc.Arbitrary<unknown> {
  if (length !== undefined) return fc.array(valueOf(element), { minLength: length, maxLength: length });
  return element.kind === 'u8' ? fc.uint8Array() : fc.array(valueOf(element), { maxLength: 8 });
}

function caseOf(tag: string, type: ValueType | undefined): fc.Arbitrary<unknown> {
  return type === undefined ? fc.constant({ tag }) : valueOf(type).map((val) => ({ tag, val }));
}

function optionOf(some: ValueType): fc.Arbitrary<unknown> {
  if (some.kind !== 'option') return fc.option(valueOf(some), { nil: undefined });
  return fc.oneof(caseOf('none', undefined), caseOf('some', some));
}
