import type { Lowerings } from '../abi/lowering.ts';
import { resultArea } from '../abi/values.ts';
import type { IoError } from '../io/io-error.ts';
import type { Error } from '../io/error.ts';
import { PlainResource } from '../plain/resource.ts';
import { type ErrorCode, errorCode, errorOrdinal } from './results.ts';

export class Network extends PlainResource<'network'> {}

/** The functions of wasi:sockets/network beside its resource. */
export interface NetworkFunctions {
  readonly networkErrorCode: (error: Error) => ErrorCode | undefined;
}

export function networkFunctions(): NetworkFunctions {
  return {
    // network-error-code: func(err: borrow<error>) -> option<error-code>
    networkErrorCode: (error) => networkError(error.target),
  };
}

/** wasi:sockets/network */
export const networkLowerings: Lowerings = {
  'network-error-code': {
    resources: ['error'],
    lower:
      (_context, { memory, handles }) =>
      (error: number, result: number): void => {
        const code = networkError(handles.error.get(error));
        const at = resultArea(memory, result, 2, 1);
        memory.bytes[at] = code === undefined ? 0 : 1;
        if (code !== undefined) memory.bytes[at + 1] = errorOrdinal(code);
      },
  },
};

function networkError({ cause }: IoError): ErrorCode | undefined {
  return cause?.kind === 'network' ? errorCode(cause.error) : undefined;
}
