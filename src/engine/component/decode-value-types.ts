import type {
  FunctionType,
  PrimitiveKind,
  RecordField,
  ValueType,
  VariantCase,
} from '../../../shims/canonical-abi/types.ts';
import { camelCase } from '../../../shims/canonical-abi/names.ts';
import type { BinaryReader } from '../binary-reader.ts';
import { invalid, resourceAt, type Scope, unsupportedPart, valueTypeAt } from './scope.ts';
import { assertBounded, hasBorrow } from './type-extent.ts';

const PRIMITIVES: ReadonlyMap<number, ValueType> = new Map(
  (
    [
      [0x7f, 'bool'],
      [0x7e, 's8'],
      [0x7d, 'u8'],
      [0x7c, 's16'],
      [0x7b, 'u16'],
      [0x7a, 's32'],
      [0x79, 'u32'],
      [0x78, 's64'],
      [0x77, 'u64'],
      [0x76, 'f32'],
      [0x75, 'f64'],
      [0x74, 'char'],
      [0x73, 'string'],
    ] satisfies [number, PrimitiveKind][]
  ).map(([code, kind]) => [code, { kind }]),
);

/** @returns undefined where `code` begins a type that is made of others, or no type of values */
export function primitive(code: number): ValueType | undefined {
  return PRIMITIVES.get(code);
}

/** A type is an index, or a primitive in one byte. */
export function readValueType(scope: Scope, reader: BinaryReader): ValueType {
  const code = reader.bytes[reader.position] ?? 0;
  if (reader.position < reader.end && code >= 0x40 && code < 0x80) {
    reader.byte();
    return primitive(code) ?? refuse(reader, code);
  }
  return valueTypeAt(scope, reader, reader.unsigned());
}

/** @param code was read already */
export function readDefinedType(scope: Scope, reader: BinaryReader, code: number): ValueType {
  const type = primitive(code) ?? readCompound(scope, reader, code);
  assertBounded(type);
  return type;
}

function readCompound(scope: Scope, reader: BinaryReader, code: number): ValueType {
  switch (code) {
    case 0x72:
      return { kind: 'record', fields: readFields(scope, reader) };
    case 0x71:
      return {
        kind: 'variant',
        cases: labelled(
          reader,
          readMany(reader, () => readCase(scope, reader)),
        ),
      };
    case 0x70:
      return { kind: 'list', element: readValueType(scope, reader) };
    case 0x67:
      return {
        kind: 'list',
        element: readValueType(scope, reader),
        length: atLeastOne(reader, reader.unsigned()),
      };
    case 0x6f:
      return { kind: 'tuple', elements: readMany(reader, () => readValueType(scope, reader)) };
    case 0x6e:
      return { kind: 'flags', names: readFlags(reader) };
    case 0x6d:
      return { kind: 'enum', names: readLabels(reader) };
    case 0x6b:
      return { kind: 'option', some: readValueType(scope, reader) };
    case 0x6a:
      return readResult(scope, reader);
    case 0x69:
      return { kind: 'own', resource: resourceAt(scope, reader, reader.unsigned()) };
    case 0x68:
      return { kind: 'borrow', resource: resourceAt(scope, reader, reader.unsigned()) };
    case 0x66:
      return withElement(reader, 'stream', readOptional(scope, reader));
    case 0x65:
      return withElement(reader, 'future', readOptional(scope, reader));
    default:
      return refuse(reader, code);
  }
}

function refuse(reader: BinaryReader, code: number): never {
  if (code === 0x64) unsupportedPart('a value of type `error-context`');
  if (code === 0x63) unsupportedPart('a value of type `map`');
  return invalid(reader, `0x${code.toString(16)} is no type of values`);
}

function readResult(scope: Scope, reader: BinaryReader): ValueType {
  const ok = readOptional(scope, reader);
  const error = readOptional(scope, reader);
  return { kind: 'result', ...(ok && { ok }), ...(error && { error }) };
}

function withElement(
  reader: BinaryReader,
  kind: 'stream' | 'future',
  element: ValueType | undefined,
): ValueType {
  if (element === undefined) return { kind };
  if (hasBorrow(element)) invalid(reader, `a ${kind} has elements with borrowed handles`);
  if (kind === 'stream' && element.kind === 'char') invalid(reader, 'a stream has characters for elements');
  return { kind, element };
}

function readFlags(reader: BinaryReader): string[] {
  const names = readLabels(reader);
  return names.length <= 32
    ? names
    : invalid(reader, `there are ${names.length} flags in one type; 32 may be`);
}

function readCase(scope: Scope, reader: BinaryReader): VariantCase {
  const name = reader.name();
  const type = readOptional(scope, reader);
  if (reader.byte() !== 0) invalid(reader, 'a case of a variant does not end with 0');
  return { name, ...(type && { type }) };
}

function readOptional(scope: Scope, reader: BinaryReader): ValueType | undefined {
  return reader.byte() === 0 ? undefined : readValueType(scope, reader);
}

/** Records, variants and the like have one part at least. */
function readMany<T>(reader: BinaryReader, read: () => T): T[] {
  return readVector(reader, read, atLeastOne(reader, reader.unsigned()));
}

function atLeastOne(reader: BinaryReader, count: number): number {
  return count > 0 ? count : invalid(reader, 'a type that needs one part at least has none');
}

/** @param count that was read. Each entry takes a byte, so that a count says nothing before the bytes are there. */
export function readVector<T>(reader: BinaryReader, read: () => T, count: number = reader.unsigned()): T[] {
  const items: T[] = [];
  for (let i = 0; i < count; i++) items.push(read());
  return items;
}

function readFields(scope: Scope, reader: BinaryReader): RecordField[] {
  return labelled(
    reader,
    readMany(reader, () => readField(scope, reader)),
  );
}

const LABEL = /^(?:[a-z][a-z0-9]*|[A-Z][A-Z0-9]*)(?:-(?:[a-z0-9]+|[A-Z0-9]+))*$/;

function readLabels(reader: BinaryReader): string[] {
  const labels = readMany(reader, () => ({ name: reader.name() }));
  return labelled(reader, labels).map(({ name }) => name);
}

/** Labels become keys of objects: `__proto__` is none, and `A-b` is the same as `a-b`. */
function labelled<T extends { readonly name: string }>(reader: BinaryReader, parts: T[]): T[] {
  const seen = new Set<string>();
  for (const { name } of parts) {
    const key = camelCase(name);
    if (!LABEL.test(name) || seen.has(key))
      invalid(reader, `${JSON.stringify(name)} is no label, or not the only one`);
    seen.add(key);
  }
  return parts;
}

function readField(scope: Scope, reader: BinaryReader): RecordField {
  return { name: reader.name(), type: readValueType(scope, reader) };
}

/** @param async told by the byte before */
export function readFunctionType(scope: Scope, reader: BinaryReader, async: boolean): FunctionType {
  const params = labelled(
    reader,
    readVector(reader, () => readField(scope, reader)),
  );
  const result = readResultList(scope, reader);
  if (result !== undefined && hasBorrow(result)) invalid(reader, 'a function gives a borrowed handle');
  return { params, async, ...(result && { result }) };
}

export function readResultList(scope: Scope, reader: BinaryReader): ValueType | undefined {
  if (reader.byte() === 0) return readValueType(scope, reader);
  if (reader.byte() !== 0) invalid(reader, 'a function has several results, which no longer exist');
  return undefined;
}
