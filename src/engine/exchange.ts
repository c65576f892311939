import type { Handle } from '../../shims/preview2/http/incoming-handler.ts';
import { escapeText } from '../audit/escape-text.ts';
import { InstanceError } from '../errors.ts';
import type { HttpError } from '../virtual/http/http-error.ts';
import type { IncomingRequestParts } from '../virtual/http/incoming-request.ts';
import { ResponseOutparam, type ServedResponse } from '../virtual/http/response-outparam.ts';

/** One request to a guest. */
export interface Exchange {
  /** Enters the guest; settles when it returns, with an error where the instance ended meanwhile. Never rejects. */
  readonly enter: (job: () => Promise<void>) => Promise<InstanceError | undefined>;
  /** @returns why the instance ended, if it did */
  readonly ended: () => InstanceError | undefined;
}

/**
 * Hands a request to a guest. The guest goes on after its answer for as long as it wants: it is what writes the answer's body.
 *
 * @returns the guest's answer as soon as there is one
 * @throws InstanceError BW_INSTANCE_NO_RESPONSE, or why the instance ended before it answered
 */
export async function exchange(
  handle: Handle,
  request: IncomingRequestParts,
  { enter, ended }: Exchange,
): Promise<ServedResponse> {
  const out = new ResponseOutparam({ method: request.method });
  void enter(() => handle(request, out)).then(() => {
    out.endCall();
    // What it did not read, it never will.
    request.body.stream.close();
  });
  const answer = await out.response;
  if ('tag' in answer) throw ended() ?? noResponse(answer);
  return answer;
}

/** @returns the error for an `error-code` that came in the place of a response; its text may be the guest's */
function noResponse({ tag, ...rest }: HttpError): InstanceError {
  const detail = 'val' in rest && typeof rest.val === 'string' ? ` (${escapeText(rest.val)})` : '';
  return new InstanceError(
    'BW_INSTANCE_NO_RESPONSE',
    `The program gave an error in the place of a response: ${tag}${detail}.`,
  );
}
