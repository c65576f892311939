import type { Error } from '../io/error.ts';
import type { Bindings } from '../plain/resource.ts';

/** The functions of wasi:http/types beside its resources. */
export interface HttpTypes {
  readonly httpErrorCode: (bindings: Bindings, error: Error) => undefined;
}

export const httpTypes: HttpTypes = {
  // http-error-code: func(err: borrow<io-error>) -> option<error-code>
  httpErrorCode(_bindings, error) {
    // Traps when the guest has no such handle; no error of a stream is one of HTTP.
    void error.target;
    return undefined;
  },
};
