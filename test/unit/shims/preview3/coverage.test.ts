import { expect, test } from 'vitest';
import { HOST_INTERFACES } from '../../../../shims/preview3/interfaces.ts';
import { SIGNATURES } from '../../../../shims/preview3/signatures.ts';

const PACKAGES = ['cli', 'clocks', 'filesystem', 'random', 'sockets'];

test.each(PACKAGES)('every function of wasi:%s is there, and nothing else is', (name) => {
  const published = [...SIGNATURES]
    .flatMap(([scope, functions]) => [...functions.keys()].map((each) => `${scope}#${each}`))
    .filter((each) => each.startsWith(`wasi:${name}/`));
  const ours = [...HOST_INTERFACES].flatMap(([scope, { functions }]) =>
    Object.keys(functions).map((each) => `${scope}#${each}`),
  );
  // What a program exports.
  const imported = published.filter((each) => each !== 'wasi:cli/run#run');
  expect(imported.length).toBeGreaterThan(0);
  expect(ours.filter((each) => each.startsWith(`wasi:${name}/`)).toSorted()).toEqual(imported.toSorted());
});
