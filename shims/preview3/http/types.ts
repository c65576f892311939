import type { HostInterface } from '../../canonical-abi/host-function.ts';
import type { Context } from '../context.ts';
import { fieldsFunctions, releaseFields } from './fields.ts';
import { giveHandleBack } from './handles.ts';
import { releaseRequest, requestFunctions } from './request.ts';
import { requestOptionsFunctions } from './request-options.ts';
import type { HttpFunctions } from './resources.ts';
import { releaseResponse, responseFunctions } from './response.ts';

/** wasi:http/types */
export const httpTypes: HostInterface<Context> = {
  functions: {
    ...fieldsFunctions,
    ...requestFunctions,
    ...requestOptionsFunctions,
    ...responseFunctions,
  } satisfies HttpFunctions,
  resources: {
    fields: { name: 'fields', release: releaseFields },
    'request-options': { name: 'request-options', release: giveHandleBack },
    request: { name: 'request', release: releaseRequest },
    response: { name: 'response', release: releaseResponse },
  },
};
