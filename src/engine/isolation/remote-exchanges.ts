import type { BodySource } from '../../virtual/http/incoming-body.ts';
import type { IncomingRequestParts } from '../../virtual/http/incoming-request.ts';
import type { Exchange } from '../exchange.ts';
import type { Place } from './pool.ts';
import type { WireRequest } from './protocol.ts';
import { type Chunk, nextChunk, pulledBody } from './pulled-stream.ts';
import { uncrossable } from './wire-errors.ts';

/** The requests of an instance in a worker: their heads go there and come back, bodies are fetched as they are read. */
export class RemoteExchanges {
  readonly #place: Place;
  readonly #onRead: () => void;
  readonly #requests = new Map<number, BodySource>();
  readonly #responses = new Set<number>();
  #next = 1;

  /** @param onRead called when all responses were read, or given up */
  constructor(place: Place, onRead: () => void) {
    this.#place = place;
    this.#onRead = onRead;
  }

  /** The worker has no response that somebody reads. */
  get areRead(): boolean {
    return this.#responses.size === 0;
  }

  begin(parts: IncomingRequestParts, signal: AbortSignal | undefined): Exchange {
    const { worker, number } = this.#place;
    const { body, method, scheme, authority, pathWithQuery, headers } = parts;
    const id = this.#next++;
    this.#requests.set(id, body);
    const abort = (): void => worker.peer.tell('abort', number, id);
    signal?.addEventListener('abort', abort, { once: true });
    const head: WireRequest = { method, scheme, authority, pathWithQuery, headers };
    const answer = worker.peer
      .request('exchange', number, id, head)
      .then((response) => ({ ...response, body: this.#responseBody(id) }));
    // The worker says when nobody reads the body any more: a guest may pass it on, and be done with the request before that.
    const done = worker.peer
      .request('done', number, id)
      .catch(() => this.closeRequest(id))
      .then(() => signal?.removeEventListener('abort', abort));
    // Whoever waits for it may come later.
    answer.catch(() => undefined);
    return { answer, done };
  }

  async requestBody(id: number): Promise<Chunk> {
    const body = this.#requests.get(id);
    if (body === undefined) throw uncrossable('the request is over');
    const chunk = await nextChunk(body);
    if ('end' in chunk) this.#requests.delete(id);
    return chunk;
  }

  closeRequest(id: number): void {
    this.#requests.get(id)?.stream.close();
    this.#requests.delete(id);
  }

  closeRequests(): void {
    for (const id of this.#requests.keys()) this.closeRequest(id);
  }

  #responseBody(id: number): BodySource {
    const { worker, number } = this.#place;
    this.#responses.add(id);
    const pull = async (): Promise<Chunk> => {
      try {
        const chunk = await worker.peer.request('responseBody', number, id);
        if ('end' in chunk) this.#wasRead(id);
        return chunk;
      } catch (error) {
        this.#wasRead(id);
        throw error;
      }
    };
    return pulledBody(pull, () => {
      worker.peer.tell('closeResponse', number, id);
      this.#wasRead(id);
    });
  }

  #wasRead(id: number): void {
    this.#responses.delete(id);
    if (this.areRead) this.#onRead();
  }
}
