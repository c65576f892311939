import { OutgoingRequest as VirtualRequest } from '../../../src/virtual/http/outgoing-request.ts';
import { PlainResource } from '../plain/resource.ts';
import type { Fields } from './fields.ts';
import type { OutgoingBody } from './outgoing-body.ts';
import { check, present, takeHandle } from './plain-results.ts';
import { liftMethod, liftScheme, lowerMethod, lowerScheme, type Method, type Scheme } from './words.ts';

export class OutgoingRequest extends PlainResource<'outgoing-request'> {
  // constructor(headers: headers)
  constructor(headers: Fields) {
    super();
    const fields = headers.target.retain();
    headers[Symbol.dispose]();
    this.bindings.context.takeHandle('http-request', 'outgoing-request');
    this.standFor(new VirtualRequest(fields));
  }

  // body: func() -> result<outgoing-body>
  body(): OutgoingBody {
    const body = present(this.target.body());
    takeHandle(this.bindings.context, 'outgoing-body');
    return this.bindings.make('outgoing-body', body);
  }

  // method: func() -> method
  method(): Method {
    return lowerMethod(this.target.method);
  }

  // set-method: func(method: method) -> result
  setMethod(method: Method): void {
    check(this.target.setMethod(liftMethod(method)));
  }

  // path-with-query: func() -> option<string>
  pathWithQuery(): string | undefined {
    return this.target.pathWithQuery;
  }

  // set-path-with-query: func(path-with-query: option<string>) -> result
  setPathWithQuery(pathWithQuery: string | undefined): void {
    check(this.target.setPathWithQuery(pathWithQuery));
  }

  // scheme: func() -> option<scheme>
  scheme(): Scheme | undefined {
    return lowerScheme(this.target.scheme);
  }

  // set-scheme: func(scheme: option<scheme>) -> result
  setScheme(scheme: Scheme | undefined): void {
    check(this.target.setScheme(liftScheme(scheme)));
  }

  // authority: func() -> option<string>
  authority(): string | undefined {
    return this.target.authority;
  }

  // set-authority: func(authority: option<string>) -> result
  setAuthority(authority: string | undefined): void {
    check(this.target.setAuthority(authority));
  }

  // headers: func() -> headers
  headers(): Fields {
    this.bindings.context.takeHandle('http-request', 'fields');
    return this.bindings.make('fields', this.target.headers.retain());
  }
}
