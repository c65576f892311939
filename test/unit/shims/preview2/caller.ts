import { Context } from '../../../../shims/preview2/context.ts';
import type { Canon } from '../../../../shims/preview2/abi/lowering.ts';
import { LOWERINGS } from '../../../../shims/preview2/lowerings.ts';
import { bindInterfaces } from '../../../../shims/preview2/plain/bind.ts';
import { Lowerer } from '../../../../shims/preview2/plain/lowerer.ts';
import { plainExecutor } from '../../../../src/virtual/executor.ts';
import type { Host } from '../../../../src/virtual/host.ts';

type Lowered = (...args: readonly (number | bigint)[]) => unknown;

/** A caller with a real memory, in the place of a guest: it calls the lowered functions and reads what they stored. */
export class Caller {
  readonly context: Context;
  readonly memory: WebAssembly.Memory = new WebAssembly.Memory({ initial: 4, maximum: 64 });
  /** Called by every allocation, as a guest's `cabi_realloc` could do anything. */
  onRealloc: () => void = () => undefined;
  readonly #canon: Canon;
  readonly #functions = new Map<string, Lowered>();
  #next = 1024;

  constructor(host: Host) {
    this.context = new Context(host);
    const memory = this.context.newMemory();
    memory.bind(this.memory);
    const realloc = (_old: number, _oldSize: number, alignment: number, size: number): number => {
      this.onRealloc();
      return this.allocate(size, alignment);
    };
    this.#canon = { memory, realloc, handles: this.context.resources };
  }

  /** The plain functions and classes of an interface over the same resources. */
  plain(interfaceName: string): unknown {
    const lowerer = new Lowerer(this.context, plainExecutor);
    return bindInterfaces(this.context, lowerer, [interfaceName]).imports[interfaceName];
  }

  /** @param name as in WIT: `wasi:io/poll#poll`, `wasi:io/streams#[method]input-stream.read` */
  call(name: string, ...args: readonly (number | bigint)[]): unknown {
    let fn = this.#functions.get(name);
    if (fn === undefined) {
      const [interfaceName, functionName] = name.split('#') as [string, string];
      const lowerings = LOWERINGS.get(interfaceName);
      const lowering = lowerings?.[functionName];
      if (lowering === undefined) throw new Error(`there is no ${name}`);
      fn = lowering.lower(this.context, this.#canon) as Lowered;
      this.#functions.set(name, fn);
    }
    return fn(...args);
  }

  allocate(size: number, alignment = 8): number {
    const pointer = Math.ceil(this.#next / alignment) * alignment;
    this.#next = pointer + size;
    if (this.#next > this.memory.buffer.byteLength) this.memory.grow(1);
    return pointer;
  }

  /** @returns pointer and length, as a string parameter is passed */
  string(text: string): [number, number] {
    return this.bytes(new TextEncoder().encode(text));
  }

  bytes(content: Uint8Array): [number, number] {
    const pointer = this.allocate(content.length, 1);
    new Uint8Array(this.memory.buffer).set(content, pointer);
    return [pointer, content.length];
  }

  get view(): DataView {
    return new DataView(this.memory.buffer);
  }

  u8(pointer: number): number {
    return this.view.getUint8(pointer);
  }

  u32(pointer: number): number {
    return this.view.getUint32(pointer, true);
  }

  u64(pointer: number): bigint {
    return this.view.getBigUint64(pointer, true);
  }

  /** A `list<u8>` whose pointer and length stand at `pointer`. */
  list(pointer: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, this.u32(pointer), this.u32(pointer + 4)).slice();
  }

  text(pointer: number): string {
    return new TextDecoder('utf-8', { fatal: true }).decode(this.list(pointer));
  }
}
