import type { PrimitiveKind } from '../../../shims/canonical-abi/types.ts';
import { JsMismatch } from './js-mismatch.ts';
import type { JsValues } from './js-value-types.ts';

/** Of these, values are the same on both sides; only what comes from the embedder is checked. */
export const SCALARS: Readonly<Record<PrimitiveKind, JsValues>> = {
  bool: checked('a boolean', (value) => typeof value === 'boolean'),
  u8: integer(0, 0xff),
  u16: integer(0, 0xffff),
  u32: integer(0, 0xffff_ffff),
  s8: integer(-0x80, 0x7f),
  s16: integer(-0x8000, 0x7fff),
  s32: integer(-0x8000_0000, 0x7fff_ffff),
  u64: bigInteger(0n, 2n ** 64n - 1n),
  s64: bigInteger(-(2n ** 63n), 2n ** 63n - 1n),
  f32: checked('a number', (value) => typeof value === 'number'),
  f64: checked('a number', (value) => typeof value === 'number'),
  char: checked('one character', isCharacter),
  string: checked('a string', (value) => typeof value === 'string'),
};

function checked(expected: string, isRight: (value: unknown) => boolean): JsValues {
  return {
    toJs: (value) => value,
    fromJs(value) {
      if (isRight(value)) return value;
      throw new JsMismatch(expected, value);
    },
  };
}

function integer(least: number, most: number): JsValues {
  return checked(
    `an integer from ${least} to ${most}`,
    (value) => typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most,
  );
}

/** A number will do where it is exact. */
function bigInteger(least: bigint, most: bigint): JsValues {
  return {
    toJs: (value) => value,
    fromJs(value) {
      const exact = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
      if (typeof exact === 'bigint' && exact >= least && exact <= most) return exact;
      throw new JsMismatch(`a bigint from ${least} to ${most}`, value);
    },
  };
}

/** A Unicode scalar value: no half of a surrogate pair. */
function isCharacter(value: unknown): boolean {
  if (typeof value !== 'string' || !value.isWellFormed()) return false;
  const code = value.codePointAt(0);
  return code !== undefined && value.length === (code > 0xffff ? 2 : 1);
}
