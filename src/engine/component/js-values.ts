import { camelCase } from '../../../shims/canonical-abi/names.ts';
import type { RecordField, ValueType } from '../../../shims/canonical-abi/types.ts';
import type { Variant } from '../../../shims/canonical-abi/values.ts';
import { JsMismatch } from './js-mismatch.ts';
import type { JsValues } from './js-value-types.ts';
import { listValues } from './js-lists.ts';
import { SCALARS } from './js-scalars.ts';
import { futureValues, streamValues } from './js-streams.ts';

const known = new WeakMap<ValueType, JsValues>();

/** @returns how values of `type` are seen; always the same for the same type node */
export function jsValuesOf(type: ValueType): JsValues {
  const found = known.get(type);
  if (found !== undefined) return found;
  const values = make(type);
  known.set(type, values);
  return values;
}

function make(type: ValueType): JsValues {
  switch (type.kind) {
    case 'list':
      return listValues(type.element, jsValuesOf(type.element), type.length);
    case 'record':
      return recordValues(type.fields);
    case 'tuple':
      return tupleValues(type.elements.map(jsValuesOf));
    case 'variant':
      return casesValues(new Map(type.cases.map((each) => [each.name, optional(each.type)])));
    case 'result':
      return casesValues(
        new Map([
          ['ok', optional(type.ok)],
          ['err', optional(type.error)],
        ]),
      );
    case 'enum':
      return enumValues(type.names);
    case 'option':
      return optionValues(type.some);
    case 'flags':
      return flagsValues(type.names);
    case 'own':
    case 'borrow':
      return {
        toJs: (value, scope) => scope.resourceToJs(type.kind, type.resource, value as object),
        fromJs: (value, scope) => scope.resourceFromJs(type.kind, type.resource, value),
      };
    case 'stream':
      return streamValues(type.element, optional(type.element));
    case 'future':
      return futureValues(type.element, optional(type.element));
    default:
      return SCALARS[type.kind];
  }
}

function optional(type: ValueType | undefined): JsValues | undefined {
  return type && jsValuesOf(type);
}

function recordValues(fields: readonly RecordField[]): JsValues {
  const parts = fields.map(({ name, type }) => ({ key: camelCase(name), values: jsValuesOf(type) }));
  return {
    toJs(value, scope) {
      const record = value as Readonly<Record<string, unknown>>;
      return Object.fromEntries(parts.map(({ key, values }) => [key, values.toJs(record[key], scope)]));
    },
    fromJs(value, scope) {
      const record = objectOf(value);
      return Object.fromEntries(
        parts.map(({ key, values }) => [
          key,
          JsMismatch.within(key, () => values.fromJs(record[key], scope)),
        ]),
      );
    },
  };
}

function tupleValues(elements: readonly JsValues[]): JsValues {
  return {
    toJs: (value, scope) => elements.map((each, index) => each.toJs((value as unknown[])[index], scope)),
    fromJs(value, scope) {
      if (!Array.isArray(value) || value.length !== elements.length)
        throw new JsMismatch(`an array of ${elements.length}`, value);
      return elements.map((each, index) =>
        JsMismatch.within(String(index), () => each.fromJs(value[index], scope)),
      );
    },
  };
}

/** @param cases undefined for one without payload */
function casesValues(cases: ReadonlyMap<string, JsValues | undefined>): JsValues {
  const names = [...cases.keys()].map((name) => JSON.stringify(name)).join(', ');
  return {
    toJs(value, scope) {
      const { tag, val } = value as Variant;
      const payload = cases.get(tag);
      return payload === undefined ? { tag } : { tag, val: payload.toJs(val, scope) };
    },
    fromJs(value, scope) {
      const { tag, val } = objectOf(value);
      if (typeof tag !== 'string' || !cases.has(tag))
        throw new JsMismatch(`an object with a tag of ${names}`, value);
      const payload = cases.get(tag);
      if (payload === undefined) return { tag };
      return { tag, val: JsMismatch.within(tag, () => payload.fromJs(val, scope)) };
    },
  };
}

function enumValues(names: readonly string[]): JsValues {
  const expected = `one of ${names.map((name) => JSON.stringify(name)).join(', ')}`;
  return {
    toJs: (value) => value,
    fromJs(value) {
      if (typeof value === 'string' && names.includes(value)) return value;
      throw new JsMismatch(expected, value);
    },
  };
}

/** `undefined` is none; where that can also be a value, there are cases. */
function optionValues(some: ValueType): JsValues {
  const values = jsValuesOf(some);
  if (some.kind === 'option')
    return casesValues(
      new Map([
        ['none', undefined],
        ['some', values],
      ]),
    );
  return {
    toJs: (value, scope) => (value === undefined ? undefined : values.toJs(value, scope)),
    fromJs: (value, scope) =>
      value === undefined || value === null ? undefined : values.fromJs(value, scope),
  };
}

function flagsValues(names: readonly string[]): JsValues {
  const keys = names.map(camelCase);
  return {
    toJs: (value) =>
      Object.fromEntries(keys.map((key, bit) => [key, (((value as number) >>> bit) & 1) === 1])),
    fromJs(value) {
      const flags = objectOf(value);
      return keys.reduce((bits, key, bit) => (flags[key] === true ? bits | (1 << bit) : bits), 0) >>> 0;
    },
  };
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw new JsMismatch('an object', value);
  return value as Readonly<Record<string, unknown>>;
}
