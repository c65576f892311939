import type { Resource } from '../abi/resources.ts';
import { TerminalInput } from '../cli/terminal-input.ts';
import { TerminalOutput } from '../cli/terminal-output.ts';
import { Descriptor, DirectoryEntryStream } from '../filesystem/types.ts';
import { Error } from '../io/error.ts';
import { Pollable } from '../io/poll.ts';
import { InputStream, OutputStream } from '../io/streams.ts';
import type { PlainResource } from './resource.ts';

export type ResourceClass = new () => PlainResource<Resource>;

/** The class of each resource type, and the name that jco's bindings know it by. */
export const CLASSES: Readonly<Record<Resource, readonly [name: string, base: ResourceClass]>> = {
  error: ['Error', Error],
  pollable: ['Pollable', Pollable],
  'input-stream': ['InputStream', InputStream],
  'output-stream': ['OutputStream', OutputStream],
  descriptor: ['Descriptor', Descriptor],
  'directory-entry-stream': ['DirectoryEntryStream', DirectoryEntryStream],
  'terminal-input': ['TerminalInput', TerminalInput],
  'terminal-output': ['TerminalOutput', TerminalOutput],
};
