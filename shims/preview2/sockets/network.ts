import { PlainResource } from '../plain/resource.ts';

/** `error-code`, as far as it is answered here. */
export type NetworkError = 'access-denied';

/** wasi:sockets/network */
export class Network extends PlainResource<'network'> {}
