import { PlainResource } from '../plain/resource.ts';
import type { Fields } from './fields.ts';
import type { IncomingBody } from './incoming-body.ts';
import { present, takeHandle } from './plain-results.ts';
import { lowerMethod, lowerScheme, type Method, type Scheme } from './words.ts';

export class IncomingRequest extends PlainResource<'incoming-request'> {
  // method: func() -> method
  method(): Method {
    return lowerMethod(this.target.method);
  }

  // path-with-query: func() -> option<string>
  pathWithQuery(): string | undefined {
    return this.target.pathWithQuery;
  }

  // scheme: func() -> option<scheme>
  scheme(): Scheme | undefined {
    return lowerScheme(this.target.scheme);
  }

  // authority: func() -> option<string>
  authority(): string | undefined {
    return this.target.authority;
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
