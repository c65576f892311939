import type { NetworkContext } from '../network/instance-network.ts';
import type { FutureIncomingResponse, HttpClient } from './client.ts';
import type { HttpError } from './http-error.ts';
import type { OutgoingRequest } from './outgoing-request.ts';

/** Sends the requests of one instance, each decided by its egress rules. */
export class GuardedHttpClient implements HttpClient {
  readonly #context: NetworkContext;

  constructor(context: NetworkContext) {
    this.#context = context;
  }

  send(request: OutgoingRequest): FutureIncomingResponse | HttpError {
    this.#context.guard.refuse('http-request', request.subject);
    request.release();
    return { tag: 'HTTP-request-denied' };
  }
}
