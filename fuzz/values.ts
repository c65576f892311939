// Whatever a guest's memory holds where a value should be: lifting gives a value of the type, which can be lowered and lifted
// again, or it traps.
import assert from 'node:assert/strict';
import { codecOf } from '../shims/canonical-abi/codec.ts';
import { MAX_FLAT_PARAMS } from '../shims/canonical-abi/layout.ts';
import { paramsCodec } from '../shims/canonical-abi/params-codec.ts';
import { GuestTrap } from '../src/virtual/host.ts';
import { testGuest } from '../test/unit/shims/canonical-abi/guest.ts';
import type { StringEncoding } from '../shims/canonical-abi/abi.ts';
import type { PrimitiveKind, ValueType } from '../shims/canonical-abi/types.ts';
import type { FuzzTarget } from './target.ts';

const ENCODINGS: readonly StringEncoding[] = ['utf8', 'utf16', 'latin1+utf16'];

/** Where the value stands in a seed. */
const POINTER = 16;

const of = (kind: PrimitiveKind): ValueType => ({ kind });
const string = of('string');
const pairs: ValueType = { kind: 'list', element: { kind: 'tuple', elements: [string, of('u16')] } };

const record: ValueType = {
  kind: 'record',
  fields: [
    { name: 'letter', type: of('char') },
    { name: 'bytes', type: { kind: 'list', element: of('u8') } },
    { name: 'flags', type: { kind: 'flags', names: ['a', 'b', 'c'] } },
    { name: 'numbers', type: { kind: 'list', element: of('s64') } },
    { name: 'maybe', type: { kind: 'option', some: { kind: 'option', some: of('f32') } } },
    { name: 'kind', type: { kind: 'enum', names: ['one', 'two'] } },
  ],
};

const outcome: ValueType = {
  kind: 'result',
  ok: { kind: 'list', element: record, length: 2 },
  error: {
    kind: 'variant',
    cases: [{ name: 'bare' }, { name: 'text', type: { kind: 'option', some: string } }],
  },
};

const recordValue = {
  letter: 'é',
  bytes: new Uint8Array([1, 2, 3]),
  flags: 5,
  numbers: [-1n, 2n ** 62n],
  maybe: { tag: 'some', val: 1.5 },
  kind: 'two',
};

const SAMPLES: readonly (readonly [ValueType, unknown])[] = [
  [string, 'grüße, 🦜'],
  [
    pairs,
    [
      ['one', 1],
      ['zwölf', 12],
    ],
  ],
  [record, recordValue],
  [outcome, { tag: 'ok', val: [recordValue, recordValue] }],
  [outcome, { tag: 'err', val: { tag: 'text', val: 'why' } }],
];

/** Of a seed: the sample, the encoding, and the start of the memory. */
export async function valuesTarget(): Promise<FuzzTarget> {
  const seeds = SAMPLES.flatMap(([type, value], sample) =>
    ENCODINGS.map((encoding, index) => {
      const guest = testGuest({ encoding });
      codecOf(type).store(guest, guest.reserve(POINTER, codecOf(type).size), value);
      return Uint8Array.of(sample, index, ...guest.memory.bytes.subarray(0, guest.reserve(1, 0)));
    }),
  );
  return { seeds, run };
}

function run([sample = 0, index = 0, ...memory]: Uint8Array): void {
  const [type] = SAMPLES[sample % SAMPLES.length] as (typeof SAMPLES)[number];
  const encoding = ENCODINGS[index % ENCODINGS.length] as StringEncoding;
  const guest = testGuest({ encoding });
  const codec = codecOf(type);
  guest.memory.bytes.set(memory.slice(0, guest.memory.bytes.length));
  guest.reserve(1, memory.length);
  let value: unknown;
  try {
    value = codec.load(guest, POINTER);
  } catch (error) {
    if (error instanceof GuestTrap) return;
    throw error;
  }
  const flat: (number | bigint)[] = [];
  const params = paramsCodec([type], MAX_FLAT_PARAMS);
  params.lowerOne(guest, value, flat);
  assert.equal(flat.length, params.flat.length);
  assert.deepEqual(params.liftOne(guest, flat), value);
}
