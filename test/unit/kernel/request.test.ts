import { expect, test } from 'vitest';
import { type Operation, type Section, sectionOf } from '../../../src/kernel/request.ts';

test.each<[Operation, Section]>([
  ['open-at', 'filesystem'],
  ['unlink-file-at', 'filesystem'],
  ['http-request', 'http'],
  ['create-tcp-socket', 'sockets'],
  ['create-udp-socket', 'sockets'],
  ['instance-network', 'sockets'],
  ['resolve-addresses', 'dns'],
  ['monotonic-clock', 'clocks'],
  ['wall-clock', 'clocks'],
  ['random', 'random'],
  ['get-environment', 'environment'],
  ['get-arguments', 'arguments'],
  ['stdin', 'stdio'],
  ['stderr', 'stdio'],
])('%s is granted by the section %s', (operation, section) => {
  expect(sectionOf(operation)).toBe(section);
});
