import { expect, test } from 'vitest';
import { type Peer, PeerTable } from '../../../../src/virtual/network/peer-table.ts';
import { at } from './network-guest.ts';

const peer = (text: string): Peer => ({ remote: at(text) });

test('finds by address and port, whatever object they are in', () => {
  const table = new PeerTable();
  const [four, six] = [peer('10.0.0.1:53'), peer('[2001:db8::1]:53')];
  table.add(four);
  table.add(six);
  expect(table.find(at('10.0.0.1:53'))).toBe(four);
  expect(table.find({ ...at('[2001:db8::1]:53'), flowInfo: 7 })).toBe(six);
  expect(table.find(at('10.0.0.1:54'))).toBeUndefined();
  expect(table.find(at('[2001:db8::2]:53'))).toBeUndefined();
  expect(table.find({ ...at('[2001:db8::1]:53'), scopeId: 1 })).toBeUndefined();
});

test('keeps the last 1,024', () => {
  const table = new PeerTable();
  for (let port = 1; port <= 1025; port++) table.add(peer(`10.0.0.1:${port}`));
  expect(table.find(at('10.0.0.1:1'))).toBeUndefined();
  expect(table.find(at('10.0.0.1:2'))).toBeDefined();
  expect(table.find(at('10.0.0.1:1025'))).toBeDefined();
});

test('peers with one hash do not push each other out', () => {
  const same = [peer('10.0.0.1:53'), peer('10.0.0.2:53'), peer('[::1]:53')];
  for (const removed of same) {
    const table = new PeerTable(() => 7);
    for (const one of same) table.add(one);
    table.delete(removed);
    // Again: nothing.
    table.delete(removed);
    for (const one of same) expect(table.find(one.remote)).toBe(one === removed ? undefined : one);
  }
});
