import type { Context } from '../context.ts';
import type { HttpResources } from './resources.ts';

/** Counts a handle of a resource that the guest is given; traps when there is none left. */
export function takeHandle(context: Context, resource: keyof HttpResources): void {
  context.takeHandle('http-request', resource);
}

/** A handle that the guest gave away, or dropped. */
export function giveHandleBack({ host }: Context): void {
  host.meter.closeHandle();
}
