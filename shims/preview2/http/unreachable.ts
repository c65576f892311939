import { unreachableClass } from '../plain/unreachable.ts';

// wasi:http/types: what exists only after a request was sent or received, which none is.

export const IncomingRequest: new () => object = unreachableClass('incoming-request', {
  methods: ['method', 'pathWithQuery', 'scheme', 'authority', 'headers', 'consume'],
});

export const ResponseOutparam: new () => object = unreachableClass('response-outparam', {
  methods: ['sendInformational'],
  statics: ['set'],
});

export const IncomingResponse: new () => object = unreachableClass('incoming-response', {
  methods: ['status', 'headers', 'consume'],
});

export const IncomingBody: new () => object = unreachableClass('incoming-body', {
  methods: ['stream'],
  statics: ['finish'],
});

export const FutureTrailers: new () => object = unreachableClass('future-trailers', {
  methods: ['subscribe', 'get'],
});

export const OutgoingResponse: new () => object = unreachableClass('outgoing-response', {
  methods: ['statusCode', 'setStatusCode', 'headers', 'body'],
});

export const FutureIncomingResponse: new () => object = unreachableClass('future-incoming-response', {
  methods: ['subscribe', 'get'],
});
