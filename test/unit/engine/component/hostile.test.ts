import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { expect, test } from 'vitest';
import { decodeComponent } from '../../../../src/engine/component/decode.ts';

/** What a refusal may take at most, on a machine that has much else to do. */
const SOON = 3000;

async function refused(text: string): Promise<void> {
  const bytes = await parse(`(component ${text})`);
  const start = performance.now();
  await expect(async () => decodeComponent(bytes)).rejects.toMatchObject({
    code: expect.stringMatching(/^BW_PROGRAM_(?:INVALID|UNSUPPORTED)$/) as string,
  });
  expect(performance.now() - start).toBeLessThan(SOON);
}

function times(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join('\n');
}

test('types that grow exponentially when they are written out', async () => {
  await refused(`(type $t0 string) ${times(60, (i) => `(type $t${i + 1} (tuple $t${i} $t${i}))`)}`);
});

test('types that are deep', async () => {
  await refused(`(type $t0 string) ${times(200, (i) => `(type $t${i + 1} (option $t${i}))`)}`);
});

test('types that get deeper with every instance that they go through', async () => {
  const layer = (i: number): string => `
    (type $p${i}x0 (option $t${i}))
    ${times(40, (j) => `(type $p${i}x${j + 1} (option $p${i}x${j}))`)}
    (type $i${i} (instance (alias outer 1 $p${i}x40 (type $o)) (export "t" (type (eq $o)))
      (export "r" (type $r (sub resource))) (type $u (tuple $o (own $r))) (export "u" (type (eq $u)))))
    (import "i${i}" (instance $n${i} (type $i${i})))
    (alias export $n${i} "u" (type $t${i + 1}))`;
  await refused(`(import "r" (type $r (sub resource))) (type $t0 (own $r)) ${times(6, layer)}`);
});

test('components that make components that make components', async () => {
  const layer = (i: number): string => `(component $c${i + 1}
    (alias outer 1 $c${i} (component $c))
    (instance (instantiate $c)) (instance (instantiate $c)))`;
  await refused(`(component $c0 (core module $m) (core instance (instantiate $m))) ${times(40, layer)}
    (instance (instantiate $c40))`);
});

test('components without anything in them that make components', async () => {
  const layer = (i: number): string => `(component $c${i + 1}
    (alias outer 1 $c${i} (component $c))
    (instance (instantiate $c)) (instance (instantiate $c)))`;
  await refused(`(component $c0) ${times(60, layer)} (instance (instantiate $c60))`);
});

test('many imports of one big type of instances', async () => {
  await refused(`
    (type $big (instance (export "r" (type $r (sub resource)))
      ${times(2000, (i) => `(export "f${i}" (func (param "x" (borrow $r))))`)}))
    ${times(2000, (i) => `(import "i${i}" (instance (type $big)))`)}`);
});

const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

/** Three bytes of LEB128. */
function size(value: number): number[] {
  return [(value & 0x7f) | 0x80, ((value >> 7) & 0x7f) | 0x80, (value >> 14) & 0x7f];
}

test('components inside each other', () => {
  let bytes = PREAMBLE;
  for (let depth = 0; depth < 300; depth++) bytes = PREAMBLE.concat(4, size(bytes.length), bytes);
  expect(() => decodeComponent(Uint8Array.from(bytes))).toThrow('components nested more than 100 deep');
});

test('types of instances inside each other', () => {
  const depth = 300;
  // One type in the section, then types of instances with one declaration each: a type.
  const content = [1, ...Array.from({ length: depth }, () => [0x42, 1, 1]).flat(), 0x7f];
  const bytes = Uint8Array.from([...PREAMBLE, 7, ...size(content.length), ...content]);
  expect(() => decodeComponent(bytes)).toThrow('types of instances nested more than');
});

test('counts that no bytes stand for', () => {
  for (const section of [2, 5, 6, 7, 8, 10, 11]) {
    const bytes = Uint8Array.from([...PREAMBLE, section, 6, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x00]);
    expect(() => decodeComponent(bytes)).toThrow(/broken|truncated|not supported/);
  }
});
