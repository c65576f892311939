import { Request } from '../../../src/virtual/http/request.ts';
import type { Result } from '../../canonical-abi/values.ts';
import { liftMethod, liftScheme, lowerMethod, lowerScheme } from '../../preview2/http/words.ts';
import type { Context } from '../context.ts';
import { consumeBody } from './consume-body.ts';
import { GuestBody } from './guest-body.ts';
import { giveHandleBack, takeHandle } from './handles.ts';
import type { FunctionsOf } from './resources.ts';

/** The resource `request` of wasi:http/types. */
export const requestFunctions: FunctionsOf<'request'> = {
  // new: static func(headers: headers, contents: option<stream<u8>>,
  //   trailers: future<result<option<trailers>, error-code>>, options: option<request-options>)
  //   -> tuple<request, future<result<_, error-code>>>
  '[static]request.new': (context, headers, contents, trailers, options) => {
    giveHandleBack(context);
    if (options !== undefined) giveHandleBack(context);
    takeHandle(context, 'request');
    const body = new GuestBody(context, contents, trailers);
    return [new Request(headers, body, options), body.transmission];
  },

  // get-method: func() -> method
  '[method]request.get-method': (_context, self) => lowerMethod(self.method),

  // set-method: func(method: method) -> result
  '[method]request.set-method': (_context, self, method) => resultOf(self.setMethod(liftMethod(method))),

  // get-path-with-query: func() -> option<string>
  '[method]request.get-path-with-query': (_context, self) => self.pathWithQuery,

  // set-path-with-query: func(path-with-query: option<string>) -> result
  '[method]request.set-path-with-query': (_context, self, path) => resultOf(self.setPathWithQuery(path)),

  // get-scheme: func() -> option<scheme>
  '[method]request.get-scheme': (_context, self) => lowerScheme(self.scheme),

  // set-scheme: func(scheme: option<scheme>) -> result
  '[method]request.set-scheme': (_context, self, scheme) => resultOf(self.setScheme(liftScheme(scheme))),

  // get-authority: func() -> option<string>
  '[method]request.get-authority': (_context, self) => self.authority,

  // set-authority: func(authority: option<string>) -> result
  '[method]request.set-authority': (_context, self, authority) => resultOf(self.setAuthority(authority)),

  // get-options: func() -> option<request-options>
  '[method]request.get-options': (context, self) => {
    if (self.options !== undefined) takeHandle(context, 'request-options');
    return self.options;
  },

  // get-headers: func() -> headers
  '[method]request.get-headers': (context, self) => {
    takeHandle(context, 'fields');
    return self.headers.retain();
  },

  // consume-body: static func(this: request, res: future<result<_, error-code>>)
  //   -> tuple<stream<u8>, future<result<option<trailers>, error-code>>>
  '[static]request.consume-body': (context, self, res) => {
    const body = self.takeBody();
    releaseRequest(context, self);
    return consumeBody(context, 'request', body, res);
  },
};

/** The owner dropped its handle of a request. */
export function releaseRequest(context: Context, request: Request): void {
  giveHandleBack(context);
  request.release();
}

/** `result` without payloads. */
export function resultOf(ok: boolean): Result {
  return ok ? { tag: 'ok' } : { tag: 'err', val: undefined };
}
