import { OutgoingResponse as VirtualResponse } from '../../../src/virtual/http/outgoing-response.ts';
import { PlainResource } from '../plain/resource.ts';
import type { Fields } from './fields.ts';
import type { OutgoingBody } from './outgoing-body.ts';
import { check, present, takeHandle } from './plain-results.ts';

export class OutgoingResponse extends PlainResource<'outgoing-response'> {
  // constructor(headers: headers)
  constructor(headers: Fields) {
    super();
    const { context } = this.bindings;
    const fields = headers.target.retain();
    headers[Symbol.dispose]();
    takeHandle(context, 'outgoing-response');
    this.standFor(new VirtualResponse(fields));
  }

  // status-code: func() -> status-code
  statusCode(): number {
    return this.target.statusCode;
  }

  // set-status-code: func(status-code: status-code) -> result
  setStatusCode(statusCode: number): void {
    check(this.target.setStatusCode(statusCode));
  }

  // headers: func() -> headers
  headers(): Fields {
    const { headers } = this.target;
    takeHandle(this.bindings.context, 'fields');
    return this.bindings.make('fields', headers.retain());
  }

  // body: func() -> result<outgoing-body>
  body(): OutgoingBody {
    const body = present(this.target.body());
    takeHandle(this.bindings.context, 'outgoing-body');
    return this.bindings.make('outgoing-body', body);
  }
}
