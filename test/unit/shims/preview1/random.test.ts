import { expect, it } from 'vitest';
import { Errno } from '../../../../shims/preview1/errno.ts';
import { MAX_RANDOM_BYTES } from '../../../../src/virtual/random/random.ts';
import { testHost } from '../../../support/host.ts';
import { preview1 } from '../../../../shims/preview1/index.ts';
import { MAX_U32, OUTSIDE, Shim } from './harness.ts';

it('fills what was asked for and nothing beside it', () => {
  const shim = new Shim();
  const at = shim.room(4096);
  expect(shim.call.random_get(at + 8, 4000)).toBe(Errno.success);
  expect(shim.bytes.slice(at, at + 8).every((byte) => byte === 0)).toBe(true);
  expect(shim.bytes.slice(at + 4008, at + 4096).every((byte) => byte === 0)).toBe(true);
  expect(new Set(shim.bytes.slice(at + 8, at + 4008)).size).toBeGreaterThan(200);
});

it('is not capable without a grant, which is on record', () => {
  const shim = new Shim({ random: false });
  expect(shim.call.random_get(shim.room(16), 16)).toBe(Errno.notcapable);
  expect(shim.test.records).toMatchObject([{ kind: 'denied', request: { operation: 'random' } }]);
});

it('faults for a buffer outside of the memory, however long', () => {
  const shim = new Shim();
  expect(shim.call.random_get(OUTSIDE - 1, 2)).toBe(Errno.fault);
  expect(shim.call.random_get(0, MAX_U32)).toBe(Errno.fault);
  expect(shim.call.random_get(MAX_U32, MAX_U32)).toBe(Errno.fault);
});

it('refuses more bytes than a call may take', () => {
  const wasi = preview1(testHost().host);
  wasi.bindMemory(new WebAssembly.Memory({ initial: MAX_RANDOM_BYTES / 65_536 + 1 }));
  expect(wasi.functions.random_get(0, MAX_RANDOM_BYTES + 1)).toBe(Errno.inval);
});
