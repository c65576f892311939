import type { Handle } from '../../shims/preview2/http/incoming-handler.ts';
import type { Handler } from '../../shims/preview3/http/handler.ts';
import { escapeText } from '../audit/escape-text.ts';
import { InstanceError } from '../errors.ts';
import type { HttpError } from '../virtual/http/http-error.ts';
import type { IncomingRequestParts } from '../virtual/http/incoming-request.ts';
import { ResponseOutparam, type ServedResponse } from '../virtual/http/response-outparam.ts';

/** A request that a guest was given. */
export interface Exchange {
  /** As soon as there is an answer. Rejects with BW_INSTANCE_NO_RESPONSE, or why the instance ended before it answered. */
  readonly answer: Promise<ServedResponse>;
  /** Resolves when the guest is done with the request, which may be long after its answer; also when the instance ended. */
  readonly done: Promise<void>;
}

/** How a guest is entered. */
export interface Entry {
  /** Enters the guest; settles when it returns, with an error where the instance ended meanwhile. Never rejects. */
  readonly enter: (job: () => Promise<void>) => Promise<InstanceError | undefined>;
  /** @returns why the instance ended, if it did */
  readonly ended: () => InstanceError | undefined;
}

/** Hands a request to a guest. The guest goes on after its answer for as long as it wants: it is what writes the answer's body. */
export function exchange(handle: Handle, request: IncomingRequestParts, { enter, ended }: Entry): Exchange {
  const out = new ResponseOutparam({ method: request.method });
  const done = enter(() => handle(request, out)).then(() => {
    out.endCall();
    // What it did not read, it never will.
    request.body.stream.close();
  });
  const answer = out.response.then((given) => {
    if ('tag' in given) throw ended() ?? noResponse(given);
    return given;
  });
  return { answer, done };
}

/**
 * The same for a handler that takes many requests at one time.
 *
 * @param signal nobody wants the answer any more: the guest is asked to stop
 */
export function exchangeAmongOthers(
  handler: Handler,
  request: IncomingRequestParts,
  { enter }: Pick<Entry, 'enter'>,
  signal: AbortSignal | undefined,
): Exchange {
  const { promise: answer, resolve, reject } = Promise.withResolvers<ServedResponse>();
  let cancel = (): void => undefined;
  const abort = (): void => cancel();
  signal?.addEventListener('abort', abort, { once: true });
  const done = enter(async () => {
    const call = handler(request);
    cancel = () => call.cancel();
    const given = await call.answer;
    if ('tag' in given) reject(noResponse(given));
    else resolve(given);
    await call.done;
  }).then((error) => {
    signal?.removeEventListener('abort', abort);
    // Its body is the guest's, which may have passed it on: what becomes of that has nothing to do with this call any more.
    if (error !== undefined) request.body.stream.close();
    reject(error);
  });
  return { answer, done };
}

/** @returns the error for an `error-code` that came in the place of a response; its text may be the guest's */
function noResponse({ tag, ...rest }: HttpError): InstanceError {
  const detail = 'val' in rest && typeof rest.val === 'string' ? ` (${escapeText(rest.val)})` : '';
  return new InstanceError(
    'BW_INSTANCE_NO_RESPONSE',
    `The program gave an error in the place of a response: ${tag}${detail}.`,
  );
}
