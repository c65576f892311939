import { ClosedWithHandle } from '../../src/virtual/closed-with-handle.ts';
import { Descriptor } from '../../src/virtual/filesystem/descriptor.ts';
import { DirectoryEntries } from '../../src/virtual/filesystem/directory-entries.ts';
import { Charged } from '../../src/virtual/http/budget.ts';
import { FileInputStream, FileOutputStream } from '../../src/virtual/io/file-stream.ts';
import { GuestMemory } from '../guest-memory.ts';
import { InstanceContext } from '../instance-context.ts';
import { HandleTable } from './abi/handles.ts';
import type { Resource, ResourceTypes } from './abi/resources.ts';

/**
 * Bytes that a stream or file gives at most per call; WIT allows fewer than were asked for. A buffer of the host has as many
 * as the guest asks for, before anybody knows how many there are. Wasmtime allocates as much.
 */
export const MAX_READ: number = 1 << 16;

interface Closable {
  close(): void;
}

type Tables = { readonly [R in Resource]: HandleTable<ResourceTypes[R]> };

/** What all functions of one instance work on. */
export class Context extends InstanceContext {
  /** Every live resource of the guest, by type. */
  readonly resources: Tables = {
    error: new HandleTable('error'),
    pollable: new HandleTable('pollable'),
    'input-stream': new HandleTable('input-stream'),
    'output-stream': new HandleTable('output-stream'),
    descriptor: new HandleTable('descriptor'),
    'directory-entry-stream': new HandleTable('directory-entry-stream'),
    'terminal-input': new HandleTable('terminal-input'),
    'terminal-output': new HandleTable('terminal-output'),
    network: new HandleTable('network'),
    'resolve-address-stream': new HandleTable('resolve-address-stream'),
    'tcp-socket': new HandleTable('tcp-socket'),
    'udp-socket': new HandleTable('udp-socket'),
    'incoming-datagram-stream': new HandleTable('incoming-datagram-stream'),
    'outgoing-datagram-stream': new HandleTable('outgoing-datagram-stream'),
    fields: new HandleTable('fields'),
    'outgoing-request': new HandleTable('outgoing-request'),
    'outgoing-body': new HandleTable('outgoing-body'),
    'request-options': new HandleTable('request-options'),
    'incoming-request': new HandleTable('incoming-request'),
    'response-outparam': new HandleTable('response-outparam'),
    'incoming-response': new HandleTable('incoming-response'),
    'incoming-body': new HandleTable('incoming-body'),
    'future-trailers': new HandleTable('future-trailers'),
    'outgoing-response': new HandleTable('outgoing-response'),
    'future-incoming-response': new HandleTable('future-incoming-response'),
  };
  #scratch = new Uint8Array(0);
  /** What ends when the guest drops its handle of it. */
  readonly #closedOnDrop = new Set<Closable>();
  readonly #memories: GuestMemory[] = [];

  /**
   * A buffer of the host for bytes on their way into the guest: how many there are is known only after the read, and
   * `realloc` must be asked for exactly as many. It is the instance's own, so no other guest's bytes are ever in it.
   */
  scratch(length: number): Uint8Array {
    if (length <= this.#scratch.length) return this.#scratch;
    if (length > MAX_READ) return new Uint8Array(length);
    return (this.#scratch = new Uint8Array(Math.min(MAX_READ, Math.max(4096, length * 2))));
  }

  /** Closes `item` when the guest drops its handle of it, or the instance ends. */
  closeOnDrop(item: Closable): void {
    this.#closedOnDrop.add(item);
  }

  /** Releases what a handle stood for, after it was taken out of its table. */
  release(item: object): void {
    if (item instanceof Descriptor) {
      this.releaseDescriptor(item);
      return;
    }
    this.host.meter.closeHandle();
    if (this.#closedOnDrop.delete(item as Closable)) (item as Closable).close();
    else if (item instanceof FileInputStream || item instanceof FileOutputStream) {
      item.close();
      this.fileStreams.closed(item.descriptor);
    } else if (item instanceof Charged || item instanceof DirectoryEntries) item.release();
    else if (item instanceof ClosedWithHandle) item.close();
  }

  /** Takes a handle away from the guest, and what it stands for over from it: that is not released. */
  take<R extends Resource>(resource: R, handle: number): ResourceTypes[R] {
    return this.handOver(this.resources[resource].remove(handle));
  }

  /** The same for an item that was taken out of its table. */
  handOver<T extends object>(item: T): T {
    this.host.meter.closeHandle();
    return item;
  }

  drop(resource: Resource, handle: number): void {
    this.release(this.resources[resource].remove(handle));
  }

  /** Makes a view of a memory of the guest that ends with the instance. */
  newMemory(): GuestMemory {
    const memory = new GuestMemory((limit, value) => this.host.guard.limited(limit, value));
    this.#memories.push(memory);
    return memory;
  }

  /**
   * Drops everything that the guest left open. Calls that touch memory throw `reason` from now on and handles are unknown,
   * because a guest can catch what is thrown through its frames and go on.
   */
  end(reason: unknown): void {
    for (const memory of this.#memories) memory.end(reason);
    for (const table of Object.values(this.resources)) {
      for (const item of table.drain()) this.release(item);
    }
  }
}
