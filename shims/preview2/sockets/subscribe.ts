import type { Operation } from '../../../src/kernel/request.ts';
import type { Lowering } from '../abi/lowering.ts';
import { StreamPollable } from '../io/pollable.ts';

/** Resources of wasi:sockets that a guest can wait for. */
export type SocketResource =
  | 'resolve-address-stream'
  | 'tcp-socket'
  | 'udp-socket'
  | 'incoming-datagram-stream'
  | 'outgoing-datagram-stream';

/** The lowered form of a `subscribe`. */
export function subscribe(resource: SocketResource, operation: Operation): Lowering {
  return {
    resources: ['pollable', resource],
    lower:
      (context, { handles }) =>
      (self: number): number => {
        const waitable = handles[resource].get(self);
        context.takeHandle(operation, 'pollable');
        return handles.pollable.add(new StreamPollable(waitable));
      },
  };
}
