import type { Resource, ResourceTypes } from '../abi/resources.ts';
import type { Context } from '../context.ts';
import type { Descriptor } from '../filesystem/descriptor.ts';
import type { DirectoryEntryStream } from '../filesystem/types.ts';
import type { Error } from '../io/error.ts';
import type { Pollable } from '../io/poll.ts';
import type { InputStream, OutputStream } from '../io/streams.ts';

/** Where jco's glue finds the rep of a resource instance; see jco's docs/src/optimized-host-bindings.md. */
export const REP: symbol = Symbol.for('cabiRep');

/** The JavaScript face of each resource type that an instance can be given. */
export interface PlainResources {
  readonly error: Error;
  readonly pollable: Pollable;
  readonly 'input-stream': InputStream;
  readonly 'output-stream': OutputStream;
  readonly descriptor: Descriptor;
  readonly 'directory-entry-stream': DirectoryEntryStream;
}

/** The plain JavaScript bindings of one instance. */
export interface Bindings {
  readonly context: Context;
  /** Makes the face of a resource that the guest will own. */
  make<R extends keyof PlainResources>(resource: R, item: ResourceTypes[R]): PlainResources[R];
}

/**
 * A resource as jco's JavaScript bindings see it: a face without state of its own. The glue makes some of them itself,
 * from the prototype and a rep, so everything is reached through those two, and nothing may be private by `#`.
 */
export abstract class PlainResource<R extends Resource> {
  // These two are on the prototype of each instance's own subclass; see bind.ts.
  declare readonly bindings: Bindings;
  declare readonly resource: R;

  /** What the resource stands for. Traps when the guest dropped it. */
  get target(): ResourceTypes[R] {
    return this.bindings.context.resources[this.resource].get(repOf(this));
  }

  [Symbol.dispose](): void {
    this.bindings.context.drop(this.resource, repOf(this));
  }
}

function repOf(face: object): number {
  return (face as Record<symbol, number>)[REP] as number;
}
