import type { Fields } from '../../../src/virtual/http/fields.ts';
import type { Request } from '../../../src/virtual/http/request.ts';
import type { RequestOptions } from '../../../src/virtual/http/request-options.ts';
import type { Response } from '../../../src/virtual/http/response.ts';
import type { Implements } from '../../canonical-abi/host-function.ts';
import type { Context } from '../context.ts';
import type { HttpTypes } from '../wit.ts';

/** What the handles of wasi:http/types stand for. */
export interface HttpResources {
  readonly fields: Fields;
  readonly 'request-options': RequestOptions;
  readonly request: Request;
  readonly response: Response;
}

/** The functions of wasi:http/types. */
export type HttpFunctions = Implements<HttpTypes<HttpResources>, Context>;

/** Those of one resource. */
export type FunctionsOf<R extends keyof HttpResources> = {
  [
    K in keyof HttpFunctions as K extends `[constructor]${R}` | `[${string}]${R}.${string}` ? K : never
  ]: HttpFunctions[K];
};
