import type { FutureIncomingResponse } from '../../../src/virtual/http/client.ts';
import type { HttpError } from '../../../src/virtual/http/http-error.ts';
import { IncomingResponse } from '../../../src/virtual/http/incoming-response.ts';
import { ReceivedBody } from '../../../src/virtual/http/message-body.ts';
import { Response } from '../../../src/virtual/http/response.ts';
import type { HostInterface, Implements, Pending } from '../../canonical-abi/host-function.ts';
import type { Result } from '../../canonical-abi/values.ts';
import type { Context } from '../context.ts';
import type { HttpClient } from '../wit.ts';
import { giveHandleBack, takeHandle } from './handles.ts';
import type { HttpResources } from './resources.ts';

type Answer = Result<Response, HttpError>;

/** wasi:http/client */
export const httpClient: HostInterface<Context> = {
  functions: {
    // send: async func(request: request) -> result<response, error-code>
    send: {
      waits: (context, request): Answer | Pending<Answer> => {
        giveHandleBack(context);
        const sent = context.host.http.send(request, request.options);
        if ('tag' in sent) return { tag: 'err', val: sent };
        return { promise: answerOf(context, sent), cancel: () => sent.close() };
      },
    },
  } satisfies Implements<HttpClient<HttpResources>, Context>,
  resources: {},
};

async function answerOf(context: Context, sent: FutureIncomingResponse): Promise<Answer> {
  await sent.wait();
  const answer = sent.get();
  if (!(answer instanceof IncomingResponse)) return { tag: 'err', val: failure(answer) };
  const { status, headers, body } = answer.takeApart();
  const response = new Response(status, headers, new ReceivedBody(body));
  try {
    takeHandle(context, 'response');
  } catch (trapped) {
    response.close();
    throw trapped;
  }
  return { tag: 'ok', val: response };
}

/** @param answer `taken` by who cancelled the call, so that nobody sees this */
function failure(answer: Exclude<ReturnType<FutureIncomingResponse['get']>, IncomingResponse>): HttpError {
  return typeof answer === 'object' ? answer : { tag: 'connection-terminated' };
}
