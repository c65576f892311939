import { Response } from '../../../src/virtual/http/response.ts';
import type { Context } from '../context.ts';
import { consumeBody } from './consume-body.ts';
import { GuestBody } from './guest-body.ts';
import { giveHandleBack, takeHandle } from './handles.ts';
import { resultOf } from './request.ts';
import type { FunctionsOf } from './resources.ts';

/** The resource `response` of wasi:http/types. */
export const responseFunctions: FunctionsOf<'response'> = {
  // new: static func(headers: headers, contents: option<stream<u8>>,
  //   trailers: future<result<option<trailers>, error-code>>) -> tuple<response, future<result<_, error-code>>>
  '[static]response.new': (context, headers, contents, trailers) => {
    giveHandleBack(context);
    takeHandle(context, 'response');
    const body = new GuestBody(context, contents, trailers);
    return [new Response(200, headers, body), body.transmission];
  },

  // get-status-code: func() -> status-code
  '[method]response.get-status-code': (_context, self) => self.statusCode,

  // set-status-code: func(status-code: status-code) -> result
  '[method]response.set-status-code': (_context, self, status) => resultOf(self.setStatusCode(status)),

  // get-headers: func() -> headers
  '[method]response.get-headers': (context, self) => {
    takeHandle(context, 'fields');
    return self.headers.retain();
  },

  // consume-body: static func(this: response, res: future<result<_, error-code>>)
  //   -> tuple<stream<u8>, future<result<option<trailers>, error-code>>>
  '[static]response.consume-body': (context, self, res) => {
    const body = self.takeBody();
    releaseResponse(context, self);
    return consumeBody(context, 'response', body, res);
  },
};

/** The owner dropped its handle of a response. */
export function releaseResponse(context: Context, response: Response): void {
  giveHandleBack(context);
  response.close();
}
