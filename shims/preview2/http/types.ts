import type { HttpError } from '../../../src/virtual/http/http-error.ts';
import type { Error } from '../io/error.ts';
import type { IoError } from '../io/io-error.ts';
import type { Bindings } from '../plain/resource.ts';

/** The functions of wasi:http/types beside its resources. */
export interface HttpTypes {
  readonly httpErrorCode: (bindings: Bindings, error: Error) => HttpError | undefined;
}

export const httpTypes: HttpTypes = {
  // http-error-code: func(err: borrow<io-error>) -> option<error-code>
  httpErrorCode(_bindings, error) {
    return httpErrorOf(error.target);
  },
};

/** @returns undefined for an error of a stream that is not one of HTTP */
export function httpErrorOf({ cause }: IoError): HttpError | undefined {
  return cause?.kind === 'http' ? cause.error : undefined;
}
