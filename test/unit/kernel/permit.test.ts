import { expect, test } from 'vitest';
import { GRANTED, Grant } from '../../../src/kernel/grant.ts';
import { Guard } from '../../../src/kernel/guard.ts';
import { Permit } from '../../../src/kernel/permit.ts';

const guard = new Guard(
  { used: () => undefined, denied: () => undefined, owned: () => undefined, limited: () => undefined },
  'first',
);

test('what the guard issues is a permit', () => {
  const permit = guard.permit(new Grant('random', 'random', GRANTED, {}), GRANTED, 'random', 'random');
  expect(permit).toBeInstanceOf(Permit);
  expect(() => Permit.assert(permit as Permit)).not.toThrow();
  expect(permit?.grantId).toBe('random');
});

test('the right to issue is gone once the guard is loaded', () => {
  expect(() => Permit.claimIssuer()).toThrow('only the guard makes permits');
});

test('the constructor is closed at run time as well', () => {
  const construct = (...args: unknown[]): unknown => Reflect.construct(Permit, args);
  expect(() => construct('random')).toThrow('only the guard makes permits');
  expect(() => construct(Symbol('issuer'), 'random')).toThrow('only the guard makes permits');
});

test.each([
  ['a look-alike', { grantId: 'random' }],
  ['an object with its prototype', Object.create(Permit.prototype)],
  ['nothing', undefined],
])('%s is no permit', (_, forged) => {
  expect(() => Permit.assert(forged as Permit)).toThrow(TypeError);
});
