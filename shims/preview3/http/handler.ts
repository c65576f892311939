import type { HttpError } from '../../../src/virtual/http/http-error.ts';
import type { IncomingRequestParts } from '../../../src/virtual/http/incoming-request.ts';
import { receiveRequest, type Request } from '../../../src/virtual/http/request.ts';
import type { ServedResponse } from '../../../src/virtual/http/response-outparam.ts';
import { type Response, serveResponse } from '../../../src/virtual/http/response.ts';
import type { Result } from '../../canonical-abi/values.ts';
import type { Context } from '../context.ts';
import { giveHandleBack } from './handles.ts';
import { releaseRequest } from './request.ts';

/** One call of a guest's `handle`. */
export interface HandlerCall {
  /** What the guest answered, as soon as it did. Rejects with what ended the instance before. */
  readonly answer: Promise<ServedResponse | HttpError>;
  /** Settles when the guest is done with the call, which may be long after its answer. Rejects with what ended the instance. */
  readonly done: Promise<void>;
  /** Nobody wants the answer any more: asks the guest to stop. */
  cancel(): void;
}

/** `wasi:http/handler` of a guest: it takes many requests at one time. */
export type Handler = (parts: IncomingRequestParts) => HandlerCall;

/** How a component's `handle: async func(request: request) -> result<response, error-code>` is called. */
export interface GuestCall {
  /** undefined: the guest let itself be cancelled */
  readonly result: Promise<Result<Response, HttpError> | undefined>;
  readonly done: Promise<void>;
  /** The guest has the request. */
  readonly isStarted: boolean;
  cancel(): void;
}

const NO_ANSWER: HttpError = { tag: 'internal-error', val: 'the program gave no response' };

/** wasi:http/handler: makes what a guest's `handle` is given, and of what it gives an answer that can be served. */
export function makeHandler(context: Context, call: (request: Request) => GuestCall): Handler {
  return (parts) => {
    const request = admitRequest(context, parts);
    if ('tag' in request) {
      return { answer: Promise.resolve(request), done: Promise.resolve(), cancel: () => undefined };
    }
    const called = call(request);
    context.callBegun();
    called.done.then(
      () => context.callEnded(),
      // Everything ends then.
      () => undefined,
    );
    const answer = called.result.then((given) => {
      if (!called.isStarted) releaseRequest(context, request);
      return answerOf(context, given, parts.method);
    });
    return { answer, done: called.done, cancel: () => called.cancel() };
  };
}

/** @returns an error when the request's head is larger than an instance can have kept, or there is no handle left for it */
function admitRequest(context: Context, parts: IncomingRequestParts): Request | HttpError {
  const request = receiveRequest(parts, context.httpBudget);
  if ('tag' in request || context.tryTakeHandle('http-request', 'request')) return request;
  request.release();
  return { tag: 'internal-error', val: 'there is no handle left for the request' };
}

function answerOf(
  context: Context,
  answer: Result<Response, HttpError> | undefined,
  method: string,
): ServedResponse | HttpError {
  if (answer?.tag === 'err') return answer.val;
  if (answer?.val === undefined) return NO_ANSWER;
  giveHandleBack(context);
  return serveResponse(answer.val, method);
}
