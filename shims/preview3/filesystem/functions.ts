import type { Descriptor } from '../../../src/virtual/filesystem/descriptor.ts';
import type { Implements } from '../../canonical-abi/host-function.ts';
import type { Context } from '../context.ts';
import type { FilesystemTypes } from '../wit.ts';

/** All of wasi:filesystem/types. */
export type Functions = Implements<FilesystemTypes<{ descriptor: Descriptor }>, Context>;

type PathName = Extract<keyof Functions, `${string}-at`>;
type StreamName = Extract<keyof Functions, `${string}-via-stream` | `${string}.read-directory`>;

/** Those that take a path. */
export type PathFunctions = Pick<Functions, PathName>;
/** Those that give or take a stream. */
export type StreamFunctions = Pick<Functions, StreamName>;
/** All others. */
export type DescriptorFunctions = Omit<Functions, PathName | StreamName>;
