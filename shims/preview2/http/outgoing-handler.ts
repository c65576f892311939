import type { Lowerings } from '../abi/lowering.ts';
import { checked } from '../abi/values.ts';
import type { Bindings } from '../plain/resource.ts';
import type { FutureIncomingResponse } from './future-incoming-response.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import { takeHandle, throwHttpError } from './plain-results.ts';
import { storeAnswer } from './stores.ts';
import type { RequestOptions } from './request-options.ts';

/** wasi:http/outgoing-handler */
export interface OutgoingHandler {
  readonly handle: (request: OutgoingRequest, options: RequestOptions | undefined) => FutureIncomingResponse;
}

export function outgoingHandler(bindings: Bindings): OutgoingHandler {
  return {
    // handle: func(request: outgoing-request, options: option<request-options>) -> result<future-incoming-response, error-code>
    handle(request, options) {
      const { context } = bindings;
      const chosen = options?.target;
      options?.[Symbol.dispose]();
      const answer = context.host.http.send(context.take('outgoing-request', request.rep), chosen);
      if ('tag' in answer) throwHttpError(answer);
      takeHandle(context, 'future-incoming-response');
      return bindings.make('future-incoming-response', answer);
    },
  };
}

export const outgoingHandlerLowerings: Lowerings = {
  handle: {
    resources: ['outgoing-request', 'request-options', 'future-incoming-response'],
    lower:
      (context, canon) =>
      (handle: number, some: number, optionsHandle: number, result: number): void => {
        const { handles } = canon;
        const options = checked(some, 1) === 0 ? undefined : handles['request-options'].take(optionsHandle);
        if (options !== undefined) context.release(options);
        const request = context.handOver(handles['outgoing-request'].take(handle));
        const answer = context.host.http.send(request, options);
        if ('tag' in answer) return storeAnswer(canon, answer, result);
        takeHandle(context, 'future-incoming-response');
        storeAnswer(canon, handles['future-incoming-response'].add(answer), result);
      },
  },
};
