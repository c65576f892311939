import type { HttpError } from '../../../src/virtual/http/http-error.ts';
import { PlainResource } from '../plain/resource.ts';
import type { Fields } from './fields.ts';
import type { OutgoingResponse } from './outgoing-response.ts';
import { type PlainResult, throwHttpError } from './plain-results.ts';

export class ResponseOutparam extends PlainResource<'response-outparam'> {
  // send-informational: func(status: u16, headers: headers) -> result<_, error-code>
  sendInformational(status: number, headers: Fields): void {
    const error = this.target.sendInformational(status, headers.target.entries());
    headers[Symbol.dispose]();
    if (error !== undefined) throwHttpError(error);
  }

  // set: static func(param: response-outparam, response: result<outgoing-response, error-code>)
  static set(param: ResponseOutparam, response: PlainResult<OutgoingResponse, HttpError>): void {
    const { bindings, target } = param;
    if (response.tag === 'err') target.set(response.val);
    else target.set(bindings.context.take('outgoing-response', response.val.rep));
    param[Symbol.dispose]();
  }
}
