import { PlainResource } from '../plain/resource.ts';
import type { Fields } from './fields.ts';
import type { IncomingBody } from './incoming-body.ts';
import { present, takeHandle } from './plain-results.ts';

export class IncomingResponse extends PlainResource<'incoming-response'> {
  // status: func() -> status-code
  status(): number {
    return this.target.status;
  }

  // headers: func() -> headers
  headers(): Fields {
    const { headers } = this.target;
    takeHandle(this.bindings.context, 'fields');
    return this.bindings.make('fields', headers.retain());
  }

  // consume: func() -> result<incoming-body>
  consume(): IncomingBody {
    const body = present(this.target.consume());
    takeHandle(this.bindings.context, 'incoming-body');
    return this.bindings.make('incoming-body', body);
  }
}
