import type { GuestMemory } from '../../guest-memory.ts';
import type { Lowerings } from '../abi/lowering.ts';
import { allocate, checked, clampU64, listArea, lowerBytes, storeList } from '../abi/values.ts';
import { storeOk } from '../filesystem/results.ts';
import { ADDRESS_SIZE, liftAddress, storeAddress } from './address-memory.ts';
import { storeCount, storeError } from './results.ts';
import { subscribe } from './subscribe.ts';

/** Datagrams that one `receive` gives at most; WIT allows fewer than were asked for. */
const MAX_RESULTS = 64;

/** `incoming-datagram`: the list at 0, the address at 8. */
const INCOMING_SIZE = 8 + ADDRESS_SIZE;

/** `outgoing-datagram`: the list at 0, at 8 whether there is an address, the address at 12. */
const OUTGOING_SIZE = 12 + ADDRESS_SIZE;

/** @param max the u64 of `receive` */
export function maxResults(max: bigint): number {
  return clampU64(max, MAX_RESULTS);
}

/** The streams of wasi:sockets/udp; udp.ts has the WIT signatures. */
export const datagramLowerings: Lowerings = {
  '[method]incoming-datagram-stream.receive': {
    resources: ['incoming-datagram-stream'],
    lower: (_context, canon) => {
      const { memory, handles } = canon;
      return (self: number, max: bigint, result: number): void => {
        const datagrams = handles['incoming-datagram-stream'].get(self).receive(maxResults(max));
        if (typeof datagrams === 'string') {
          storeError(memory, result, 12, 4, datagrams);
          return;
        }
        const size = datagrams.length * INCOMING_SIZE;
        const elements = allocate(canon, 4, size);
        for (const [i, { bytes, remote }] of datagrams.entries()) {
          const pointer = lowerBytes(canon, bytes, bytes.length);
          // Growing the memory detached the views; asking for the elements again brings current ones.
          const at = listArea(memory, elements, size, 4) + i * INCOMING_SIZE;
          storeList(memory, at, pointer, bytes.length);
          storeAddress(memory, at + 8, remote);
        }
        storeList(memory, storeOk(memory, result, 12, 4), elements, datagrams.length);
      };
    },
  },
  '[method]incoming-datagram-stream.subscribe': subscribe('incoming-datagram-stream', 'udp-receive'),
  '[method]outgoing-datagram-stream.check-send': {
    resources: ['outgoing-datagram-stream'],
    lower:
      (_context, { memory, handles }) =>
      (self: number, result: number): void =>
        storeCount(memory, result, handles['outgoing-datagram-stream'].get(self).checkSend()),
  },
  '[method]outgoing-datagram-stream.send': {
    resources: ['outgoing-datagram-stream'],
    lower:
      (_context, { memory, handles }) =>
      (self: number, pointer: number, length: number, result: number): void => {
        const stream = handles['outgoing-datagram-stream'].get(self);
        const count = length >>> 0;
        stream.permit(count);
        const list = listArea(memory, pointer, count * OUTGOING_SIZE, 4);
        // All of them first: a bad one traps before any is sent.
        for (let i = 0; i < count; i++) checkDatagram(memory, list + i * OUTGOING_SIZE);
        const sent = stream.sendEach(count, (to, index) => {
          const at = list + index * OUTGOING_SIZE;
          const start = memory.view.getUint32(at, true);
          const bytes = memory.bytes.subarray(start, start + memory.view.getUint32(at + 4, true));
          return to.send(bytes, memory.bytes[at + 8] === 1 ? liftAddress(memory, at + 12) : undefined);
        });
        storeCount(memory, result, sent);
      },
  },
  '[method]outgoing-datagram-stream.subscribe': subscribe('outgoing-datagram-stream', 'udp-send'),
};

/** Traps for a datagram that the Canonical ABI does not lift. */
function checkDatagram(memory: GuestMemory, at: number): void {
  listArea(memory, memory.view.getUint32(at, true), memory.view.getUint32(at + 4, true), 1);
  if (checked(memory.bytes[at + 8] as number, 1) === 1) checked(memory.bytes[at + 12] as number, 1);
}
