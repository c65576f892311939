import type { Lowerings } from '../abi/lowering.ts';
import { trap } from '../../trap.ts';
import { allocate, listArea, resultArea, storeList } from '../abi/values.ts';
import type { Context } from '../context.ts';
import { PlainResource } from '../plain/resource.ts';
import type { Pollable as VirtualPollable } from './pollable.ts';
import { untilAnyReady } from './waiting.ts';

export class Pollable extends PlainResource<'pollable'> {
  // ready: func() -> bool
  ready(): boolean {
    return this.target.ready();
  }

  // block: func()
  block(): void | Promise<void> {
    return whenAnyReady(this.bindings.context, [this.target], () => undefined);
  }
}

/** wasi:io/poll */
export interface Poll {
  readonly poll: (pollables: readonly Pollable[]) => Uint32Array | Promise<Uint32Array>;
}

export function poll(context: Context): Poll {
  return {
    // poll: func(in: list<borrow<pollable>>) -> list<u32>
    poll(pollables) {
      const targets = pollables.map((pollable) => pollable.target);
      return whenAnyReady(context, targets, () => Uint32Array.from(readyOf(targets)));
    },
  };
}

export const pollLowerings: Lowerings = {
  '[method]pollable.ready': {
    resources: ['pollable'],
    lower:
      (_context, canon) =>
      (self: number): number =>
        canon.handles.pollable.get(self).ready() ? 1 : 0,
  },
  '[method]pollable.block': {
    resources: ['pollable'],
    blocking: true,
    lower: (context, canon) => (self: number) =>
      whenAnyReady(context, [canon.handles.pollable.get(self)], () => undefined),
  },
  poll: {
    resources: ['pollable'],
    blocking: true,
    lower: (context, canon) => (pointer: number, length: number, result: number) => {
      const { memory, handles } = canon;
      const count = length >>> 0;
      // Every entry costs the host memory; without repeats there cannot be more.
      const most = context.host.meter.limits.handles;
      if (count > most)
        memory.trapAtLimit('limits.handles', most, 'poll of more pollables than there can be handles');
      const list = listArea(memory, pointer, count * 4, 4);
      const targets = Array.from({ length: count }, (_, i) =>
        handles.pollable.get(memory.view.getInt32(list + i * 4, true)),
      );
      return whenAnyReady(context, targets, () => {
        const ready = readyOf(targets);
        const indices = allocate(canon, 4, ready.length * 4);
        for (const [i, index] of ready.entries()) memory.view.setUint32(indices + i * 4, index, true);
        storeList(memory, resultArea(memory, result, 8, 4), indices, ready.length);
      });
    },
  },
};

function whenAnyReady<T>(
  context: Context,
  targets: readonly VirtualPollable[],
  then: () => T,
): T | Promise<T> {
  // wasi:io/poll: "This function traps if the list is empty", because it would wait for ever.
  if (targets.length === 0) trap('poll of an empty list');
  const waiting = untilAnyReady(context.host, targets);
  if (waiting !== undefined) return waitThen(context, targets, waiting, then);
  const breather = context.host.clocks.breather();
  return breather === undefined ? then() : breather.then(then);
}

async function waitThen<T>(
  context: Context,
  targets: readonly VirtualPollable[],
  waiting: Promise<void>,
  then: () => T,
): Promise<T> {
  for (let left: Promise<void> | undefined = waiting; left !== undefined;) {
    await left;
    left = untilAnyReady(context.host, targets);
  }
  return then();
}

function readyOf(targets: readonly VirtualPollable[]): number[] {
  return targets.flatMap((target, index) => (target.ready() ? [index] : []));
}
