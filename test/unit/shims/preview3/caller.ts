import type { HostCall, Pending } from '../../../../shims/canonical-abi/host-function.ts';
import { Context } from '../../../../shims/preview3/context.ts';
import { HOST_INTERFACES } from '../../../../shims/preview3/interfaces.ts';
import type { Descriptor } from '../../../../src/virtual/filesystem/descriptor.ts';
import type { Host } from '../../../../src/virtual/host.ts';

/** Calls the host functions of WASI 0.3 as the runtime does, with values instead of a guest's memory. */
export class Caller {
  readonly context: Context;

  constructor(host: Host) {
    this.context = new Context(host);
  }

  /** @param name `wasi:clocks/system-clock#now` */
  call(name: string, ...args: unknown[]): unknown {
    const [scope = '', member = ''] = name.split('#');
    const found = HOST_INTERFACES.get(scope)?.functions[member];
    if (found === undefined) throw new Error(`no function ${name}`);
    const call = typeof found === 'function' ? found : found.waits;
    return (call as HostCall<Context> & ((context: Context, ...args: unknown[]) => unknown))(
      this.context,
      ...args,
    );
  }

  /** A function of `descriptor`. */
  on(descriptor: Descriptor, member: string, ...args: unknown[]): unknown {
    return this.call(`wasi:filesystem/types#[method]descriptor.${member}`, descriptor, ...args);
  }

  /** The guest drops its handle. */
  drop(descriptor: Descriptor): void {
    const resource = HOST_INTERFACES.get('wasi:filesystem/types')?.resources['descriptor'];
    resource?.release(this.context, descriptor as never);
  }

  /** The first directory that the instance starts with. */
  root(): Descriptor {
    const [first] = this.call('wasi:filesystem/preopens#get-directories') as [Descriptor, string][];
    if (first === undefined) throw new Error('no preopen');
    return first[0];
  }
}

/** @returns whether a call that may wait has to */
export function isPending<T>(result: T | Pending<T>): result is Pending<T> {
  return typeof result === 'object' && result !== null && 'promise' in result;
}
