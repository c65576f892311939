import type { HttpError } from '../../../src/virtual/http/http-error.ts';
import type { Lowerings } from '../abi/lowering.ts';
import { resultArea } from '../abi/values.ts';
import { bodyLowerings } from './body-lowerings.ts';
import { lowerError, storeErrorCode } from './error-code.ts';
import { fieldsLowerings } from './fields-lowerings.ts';
import { requestLowerings } from './request-lowerings.ts';
import { responseLowerings } from './response-lowerings.ts';
import type { Error } from '../io/error.ts';
import type { IoError } from '../io/io-error.ts';

/** The functions of wasi:http/types beside its resources. */
export interface HttpTypes {
  readonly httpErrorCode: (error: Error) => HttpError | undefined;
}

export function httpTypes(): HttpTypes {
  return {
    // http-error-code: func(err: borrow<io-error>) -> option<error-code>
    httpErrorCode(error) {
      return httpErrorOf(error.target);
    },
  };
}

/** wasi:http/types */
export const httpTypesLowerings: Lowerings = {
  'http-error-code': {
    resources: ['error'],
    lower:
      (_context, canon) =>
      (handle: number, result: number): void => {
        const error = httpErrorOf(canon.handles.error.get(handle));
        const lowered = error && lowerError(canon, error);
        const at = resultArea(canon.memory, result, 40, 8);
        canon.memory.bytes[at] = lowered === undefined ? 0 : 1;
        if (lowered !== undefined) storeErrorCode(canon.memory, lowered, at + 8);
      },
  },
  ...fieldsLowerings,
  ...requestLowerings,
  ...responseLowerings,
  ...bodyLowerings,
};

/** @returns undefined for an error of a stream that is not one of HTTP */
export function httpErrorOf({ cause }: IoError): HttpError | undefined {
  return cause?.kind === 'http' ? cause.error : undefined;
}
