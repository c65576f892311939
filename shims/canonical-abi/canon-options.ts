import { GuestMemory } from '../guest-memory.ts';
import { trap } from '../trap.ts';
import type { GuestFunction } from '../../src/virtual/executor.ts';
import type { Realloc, StringEncoding } from './abi.ts';

export type { GuestFunction } from '../../src/virtual/executor.ts';

/** What a core module imports: a function, maybe one that can suspend its caller. */
export type CoreImport = WebAssembly.ImportValue;

/** `canonopt` of the binary format. Functions are as the executor's `instantiate` gave them out. */
export interface CanonOptions {
  readonly memory?: GuestMemory;
  readonly realloc?: Realloc;
  readonly encoding: StringEncoding;
  readonly async: boolean;
  readonly callback?: GuestFunction;
  readonly postReturn?: GuestFunction;
}

/** For functions that need no memory: nothing is in its bounds. */
export const NO_MEMORY: GuestMemory = new GuestMemory();

export const NO_REALLOC: Realloc = () => trap('a value needs memory, and there is no realloc');
