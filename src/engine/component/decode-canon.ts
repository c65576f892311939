import type { StringEncoding } from '../../../shims/canonical-abi/abi.ts';
import type { ValueType } from '../../../shims/canonical-abi/types.ts';
import type { BinaryReader } from '../binary-reader.ts';
import { readResultList } from './decode-value-types.ts';
import type {
  BuiltinDefinition,
  CancelBuiltin,
  CanonOptionIndices,
  CopyBuiltin,
  PlainBuiltin,
  StreamBuiltin,
} from './definition.ts';
import {
  checked,
  type ComponentScope,
  entry,
  functionTypeAt,
  invalid,
  resourceAt,
  unsupportedPart,
  valueTypeAt,
} from './scope.ts';

const PLAIN: ReadonlyMap<number, PlainBuiltin> = new Map([
  [0x05, 'task.cancel'],
  [0x0d, 'subtask.drop'],
  [0x1f, 'waitable-set.new'],
  [0x22, 'waitable-set.drop'],
  [0x23, 'waitable.join'],
  [0x24, 'backpressure.inc'],
  [0x25, 'backpressure.dec'],
]);

const TRANSFERS: ReadonlyMap<number, StreamBuiltin> = new Map([
  [0x0e, 'stream.new'],
  [0x13, 'stream.drop-readable'],
  [0x14, 'stream.drop-writable'],
  [0x15, 'future.new'],
  [0x1a, 'future.drop-readable'],
  [0x1b, 'future.drop-writable'],
]);

const COPIES: ReadonlyMap<number, CopyBuiltin> = new Map([
  [0x0f, 'stream.read'],
  [0x10, 'stream.write'],
  [0x16, 'future.read'],
  [0x17, 'future.write'],
]);

const CANCELS: ReadonlyMap<number, CancelBuiltin> = new Map([
  [0x11, 'stream.cancel-read'],
  [0x12, 'stream.cancel-write'],
  [0x18, 'future.cancel-read'],
  [0x19, 'future.cancel-write'],
]);

const RESOURCES: ReadonlyMap<number, 'resource.new' | 'resource.drop' | 'resource.rep'> = new Map([
  [0x02, 'resource.new'],
  [0x03, 'resource.drop'],
  [0x04, 'resource.rep'],
]);

/** One entry of the canon section. It adds a function: of the component for `lift`, of core WebAssembly for all else. */
export function readCanon(scope: ComponentScope, reader: BinaryReader): void {
  const code = reader.byte();
  if (code === 0x00) return readLift(scope, reader);
  scope.definitions.push(
    code === 0x01 ? readLower(scope, reader) : { kind: 'builtin', builtin: readBuiltin(scope, reader, code) },
  );
  scope.coreCounts.func++;
}

function readLift(scope: ComponentScope, reader: BinaryReader): void {
  expectFunctionSort(reader);
  const callee = coreFunction(scope, reader);
  const options = readOptions(scope, reader);
  const type = functionTypeAt(scope, reader, reader.unsigned());
  scope.definitions.push({ kind: 'lift', callee, type, options });
  scope.functions.push(type);
}

function readLower(scope: ComponentScope, reader: BinaryReader): ComponentScope['definitions'][number] {
  expectFunctionSort(reader);
  const callee = reader.unsigned();
  const type = entry(reader, 'function', callee, scope.functions);
  return { kind: 'lower', callee, type, options: readOptions(scope, reader) };
}

function expectFunctionSort(reader: BinaryReader): void {
  if (reader.byte() !== 0) invalid(reader, 'a canonical definition is of something else than a function');
}

function readBuiltin(scope: ComponentScope, reader: BinaryReader, code: number): BuiltinDefinition {
  const plain = PLAIN.get(code);
  if (plain !== undefined) return { name: plain };
  const resource = RESOURCES.get(code);
  if (resource !== undefined)
    return { name: resource, resource: resourceAt(scope, reader, reader.unsigned()) };
  const transfer = TRANSFERS.get(code);
  if (transfer !== undefined) return { name: transfer, element: elementOf(scope, reader, transfer) };
  const copy = COPIES.get(code);
  if (copy !== undefined)
    return { name: copy, element: elementOf(scope, reader, copy), options: readOptions(scope, reader) };
  const cancel = CANCELS.get(code);
  if (cancel !== undefined)
    return { name: cancel, element: elementOf(scope, reader, cancel), async: readFlag(reader) };
  return readOther(scope, reader, code);
}

function readOther(scope: ComponentScope, reader: BinaryReader, code: number): BuiltinDefinition {
  switch (code) {
    case 0x06:
      return { name: 'subtask.cancel', async: readFlag(reader) };
    case 0x09:
      return {
        name: 'task.return',
        result: readResultList(scope, reader),
        options: readOptions(scope, reader),
      };
    case 0x0a:
    case 0x0b:
      return { name: code === 0x0a ? 'context.get' : 'context.set', slot: readContextSlot(reader) };
    case 0x0c:
      return { name: 'thread.yield', cancellable: readFlag(reader) };
    case 0x20:
    case 0x21: {
      const cancellable = readFlag(reader);
      const memory = checked(reader, 'memory', reader.unsigned(), scope.coreCounts.memory);
      return { name: code === 0x20 ? 'waitable-set.wait' : 'waitable-set.poll', cancellable, memory };
    }
    default:
      return refuse(reader, code);
  }
}

function refuse(reader: BinaryReader, code: number): never {
  if (code >= 0x1c && code <= 0x1e) return unsupportedPart('a built-in function `error-context.…`');
  if ((code >= 0x26 && code <= 0x2d) || (code >= 0x40 && code <= 0x42))
    return unsupportedPart('a built-in function `thread.…`');
  return invalid(reader, `0x${code.toString(16)} is no canonical definition`);
}

/** Each thread has two words of its own, of i32 here. */
function readContextSlot(reader: BinaryReader): number {
  if (reader.byte() !== 0x7f) unsupportedPart('a word of `context` that is not an i32');
  const slot = reader.unsigned();
  return slot < 2 ? slot : invalid(reader, `there is no word ${slot} of context`);
}

function elementOf(
  scope: ComponentScope,
  reader: BinaryReader,
  name: StreamBuiltin | CopyBuiltin | CancelBuiltin,
): ValueType | undefined {
  const type = valueTypeAt(scope, reader, reader.unsigned());
  const kind = name.startsWith('stream') ? 'stream' : 'future';
  if (type.kind !== 'stream' && type.kind !== 'future') return invalid(reader, `${name} is of no ${kind}`);
  return type.kind === kind ? type.element : invalid(reader, `${name} is of a ${type.kind}`);
}

function readFlag(reader: BinaryReader): boolean {
  const flag = reader.byte();
  return flag < 2 ? flag === 1 : invalid(reader, `a flag is ${flag}`);
}

const ENCODINGS: readonly StringEncoding[] = ['utf8', 'utf16', 'latin1+utf16'];

function readOptions(scope: ComponentScope, reader: BinaryReader): CanonOptionIndices {
  const seen = new Set<string>();
  const options: { -readonly [K in keyof CanonOptionIndices]: CanonOptionIndices[K] } = {
    encoding: 'utf8',
    async: false,
  };
  for (let count = reader.unsigned(); count > 0; count--) {
    const name = readOption(scope, reader, options);
    if (seen.has(name)) invalid(reader, `the canonical option ${name} comes twice`);
    seen.add(name);
  }
  if (options.callback !== undefined && !options.async)
    invalid(reader, 'a callback is given to what is not async');
  return options;
}

/** @returns the name of the option that was read */
function readOption(
  scope: ComponentScope,
  reader: BinaryReader,
  options: { -readonly [K in keyof CanonOptionIndices]: CanonOptionIndices[K] },
): string {
  const code = reader.byte();
  switch (code) {
    case 0x00:
    case 0x01:
    case 0x02:
      options.encoding = ENCODINGS[code] as StringEncoding;
      return 'string-encoding';
    case 0x03:
      options.memory = checked(reader, 'memory', reader.unsigned(), scope.coreCounts.memory);
      return 'memory';
    case 0x04:
      options.realloc = coreFunction(scope, reader);
      return 'realloc';
    case 0x05:
      options.postReturn = coreFunction(scope, reader);
      return 'post-return';
    case 0x06:
      options.async = true;
      return 'async';
    case 0x07:
      options.callback = coreFunction(scope, reader);
      return 'callback';
    default:
      return invalid(reader, `0x${code.toString(16)} is no canonical option`);
  }
}

function coreFunction(scope: ComponentScope, reader: BinaryReader): number {
  return checked(reader, 'core function', reader.unsigned(), scope.coreCounts.func);
}
