import { OutgoingRequest as VirtualRequest } from '../../../src/virtual/http/outgoing-request.ts';
import { ComponentError } from '../plain/component-error.ts';
import { PlainResource } from '../plain/resource.ts';
import type { Fields } from './fields.ts';
import type { OutgoingBody } from './outgoing-body.ts';

/** The cases of `method` but for `other`, in WIT's order. */
const METHODS = ['get', 'head', 'post', 'put', 'delete', 'connect', 'options', 'trace', 'patch'] as const;

export type Method =
  | { readonly tag: (typeof METHODS)[number] }
  | { readonly tag: 'other'; readonly val: string };

export type Scheme = { readonly tag: 'HTTP' | 'HTTPS' } | { readonly tag: 'other'; readonly val: string };

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
    const body = this.target.body();
    if (body === undefined) throw new ComponentError(undefined);
    this.bindings.context.takeHandle('http-request', 'outgoing-body');
    return this.bindings.make('outgoing-body', body);
  }

  // method: func() -> method
  method(): Method {
    const { method } = this.target;
    const tag = METHODS.find((each) => each.toUpperCase() === method);
    return tag === undefined ? { tag: 'other', val: method } : { tag };
  }

  // set-method: func(method: method) -> result
  setMethod(method: Method): void {
    check(this.target.setMethod(method.tag === 'other' ? method.val : method.tag.toUpperCase()));
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
    const { scheme } = this.target;
    if (scheme === undefined) return undefined;
    if (scheme === 'http') return { tag: 'HTTP' };
    return scheme === 'https' ? { tag: 'HTTPS' } : { tag: 'other', val: scheme };
  }

  // set-scheme: func(scheme: option<scheme>) -> result
  setScheme(scheme: Scheme | undefined): void {
    check(this.target.setScheme(scheme?.tag === 'other' ? scheme.val : scheme?.tag));
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

/** The error case of `result` has no payload. */
function check(ok: boolean): void {
  if (!ok) throw new ComponentError(undefined);
}
