import { HostIndex } from '../../kernel/egress/host-index.ts';
import type { HttpEgressRule } from '../network/egress-rules.ts';
import type { NetworkContext } from '../network/instance-network.ts';
import type { FutureIncomingResponse, HttpClient } from './client.ts';
import { contentLengthOf } from './content-length.ts';
import { GuardedRequest } from './guarded-request.ts';
import type { HttpError } from './http-error.ts';
import type { RequestOptions } from './request-options.ts';
import { targetOf } from './request-target.ts';
import { RuleChoice } from './rule-choice.ts';
import type { SentRequest } from './sent-request.ts';

/** Sends the requests of one instance, each decided by its egress rules. */
export class GuardedHttpClient implements HttpClient {
  readonly #context: NetworkContext;
  /** Made with the first request. */
  #index: HostIndex<HttpEgressRule> | undefined;

  constructor(context: NetworkContext) {
    this.#context = context;
  }

  send(request: SentRequest, options: RequestOptions | undefined): FutureIncomingResponse | HttpError {
    const sent = this.#start(request, options);
    if ('tag' in sent) request.release(sent);
    return sent;
  }

  #start(request: SentRequest, options: RequestOptions | undefined): GuardedRequest | HttpError {
    const { guard, rules } = this.#context;
    // A tunnel would carry what no rule sees.
    if (rules.http.length === 0 || request.method === 'CONNECT') {
      guard.refuse('http-request', request.subject);
      return { tag: 'HTTP-request-denied' };
    }
    const named = targetOf(request);
    if ('tag' in named) return named;
    const stated = contentLengthOf(request.headers);
    if (stated === 'invalid') return { tag: 'HTTP-protocol-error' };
    if (!request.hasBody && stated !== undefined && stated > 0)
      return { tag: 'HTTP-request-body-size', val: 0n };
    this.#index ??= new HostIndex(rules.http);
    const choice = new RuleChoice(guard, this.#index.rulesFor(named.target.host), named);
    const permitted = choice.next();
    if ('tag' in permitted) return permitted;
    const body = request.handBodyOver();
    // Of no bytes there is nothing to say.
    const contentLength = body?.length === 0 ? undefined : body?.length;
    return new GuardedRequest(this.#context, {
      ...named,
      headers: request.headers.entries(),
      contentLength,
      options,
      body,
      budget: request.headers.budget,
      choice,
      permitted,
      release: () => request.release(),
    });
  }
}
