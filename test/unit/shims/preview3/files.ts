import type { FutureSource, Result, StreamSource } from '../../../../shims/canonical-abi/values.ts';
import { DescriptorFlags, OpenFlags } from '../../../../shims/preview3/wit.ts';
import type { Descriptor } from '../../../../src/virtual/filesystem/descriptor.ts';
import { testHost, type TestHost, type TestHostOptions } from '../../../support/host.ts';
import { Caller } from './caller.ts';

export const RW: number = DescriptorFlags.read | DescriptorFlags.write;
/** path-flags */
export const NOFOLLOW = 0;
export const FOLLOW = 1;

export type Via = readonly [StreamSource, FutureSource];

/** A guest with one directory, on a memory volume or one of the host's. */
export class Files {
  readonly test: TestHost;
  readonly caller: Caller;
  readonly root: Descriptor;

  constructor(options: TestHostOptions) {
    this.test = testHost(options);
    this.caller = new Caller(this.test.host);
    this.root = this.caller.root();
  }

  on(member: string, ...args: unknown[]): unknown {
    return this.caller.on(this.root, member, ...args);
  }

  open(path: string, openFlags = 0, flags: number = DescriptorFlags.read): Descriptor {
    const opened = this.on('open-at', FOLLOW, path, openFlags, flags) as Result<Descriptor, unknown>;
    if (opened.tag === 'err' || opened.val === undefined)
      throw new Error(`${path}: ${JSON.stringify(opened)}`);
    return opened.val;
  }

  create(path: string): Descriptor {
    return this.open(path, OpenFlags.create, RW);
  }

  /** @returns open descriptors and streams that count */
  get handles(): number {
    return this.test.host.meter.handles;
  }

  /** Denials and limits on record. */
  get refusals(): string[] {
    const refused = this.test.records.filter(({ kind }) => kind !== 'used');
    return refused.map(({ kind, grant, request }) => `${kind} ${request.operation} ${grant}`);
  }

  end(): void {
    this.caller.context.end(new Error('over'));
    this.test.host.filesystem.closeAll();
  }
}
