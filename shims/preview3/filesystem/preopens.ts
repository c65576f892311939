import type { Descriptor } from '../../../src/virtual/filesystem/descriptor.ts';
import type { HostInterface, Implements } from '../../canonical-abi/host-function.ts';
import type { Context } from '../context.ts';
import type { FilesystemPreopens } from '../wit.ts';

/** wasi:filesystem/preopens */
export const preopens: HostInterface<Context> = {
  functions: {
    // get-directories: func() -> list<tuple<descriptor, string>>
    'get-directories': (context) =>
      context.preopens().map(({ path, descriptor }) => [descriptor, path] as const),
  } satisfies Implements<FilesystemPreopens<{ descriptor: Descriptor }>, Context>,
  resources: {},
};
