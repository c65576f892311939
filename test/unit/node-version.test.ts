import { expect, test } from 'vitest';
import { nodeVersionProblem } from '../../src/node-version.ts';

test.each(['24.0.0', '26.10.0', '100.0.0', '24.0.0-nightly20260101'])('%s is new enough', (version) => {
  expect(nodeVersionProblem(version)).toBeUndefined();
});

test.each(['23.11.1', '20.20.2', '9.0.0', 'unknown'])(
  '%s gets one line that names what is needed',
  (version) => {
    expect(nodeVersionProblem(version)).toBe(`Node.js 24 or later is needed, this is Node.js ${version}`);
  },
);
