/** `error-code` of wasi:http/types, as far as it is answered here, as jco's bindings spell it. */
export type HttpError =
  | { readonly tag: 'HTTP-request-denied' }
  | { readonly tag: 'HTTP-request-body-size'; readonly val: bigint };
