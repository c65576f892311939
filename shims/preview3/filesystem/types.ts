import type { Descriptor } from '../../../src/virtual/filesystem/descriptor.ts';
import type { HostInterface } from '../../canonical-abi/host-function.ts';
import type { Context } from '../context.ts';
import { descriptorFunctions } from './descriptor-functions.ts';
import type { Functions } from './functions.ts';
import { pathFunctions } from './path-functions.ts';
import { streamFunctions } from './stream-functions.ts';

/** wasi:filesystem/types */
export const filesystemTypes: HostInterface<Context> = {
  functions: { ...descriptorFunctions, ...pathFunctions, ...streamFunctions } satisfies Functions,
  resources: {
    descriptor: {
      name: 'descriptor',
      release: (context, descriptor: Descriptor) => context.releaseDescriptor(descriptor),
    },
  },
};
