import type { IpAddress } from '../../policy/address/ip-address.ts';
import { ClosedWithHandle } from '../closed-with-handle.ts';
import type { HttpEgressRule } from '../network/egress-rules.ts';
import type { NetworkContext } from '../network/instance-network.ts';
import type { Permitted } from '../network/permit-first.ts';
import {
  HttpFailure,
  type HttpExchange,
  type HttpResponseHead,
  type NetworkStack,
} from '../network/stack.ts';
import { BodyPump, type PumpRules } from './body-pump.ts';
import type { HttpBudget } from './budget.ts';
import type { FutureIncomingResponse } from './client.ts';
import { type Field, Fields, MAX_FIELDS_BYTES } from './fields.ts';
import type { HttpError } from './http-error.ts';
import { httpErrorOf } from './network-failures.ts';
import { IncomingResponse } from './incoming-response.ts';
import { Redactor } from './redact.ts';
import { guestFields, requestHead, type RequestParts } from './request-head.ts';
import { ResponseBody } from './response-body.ts';
import type { RuleChoice } from './rule-choice.ts';
import type { SentBody } from './sent-request.ts';

/** A request that a rule allows, as far as that can be said before its name is looked up. */
export interface AllowedRequest extends RequestParts {
  /** What the log calls it. */
  readonly subject: string;
  readonly body: SentBody | undefined;
  /** That the response is charged to. */
  readonly budget: HttpBudget;
  readonly choice: RuleChoice;
  readonly permitted: Permitted<HttpEgressRule>;
  /** Gives back what its fields are charged: they are kept no longer. */
  readonly release: () => void;
}

/** Errors that say that nothing was sent, so that another address can be tried. */
const UNREACHED: ReadonlySet<string> = new Set([
  'connection-refused',
  'connection-timeout',
  'destination-unavailable',
  'destination-IP-unroutable',
]);

/** Addresses of one name that are tried. */
const MAX_DIALLED = 8;

/** One request on its way, from the lookup of its name to the end of its response. */
export class GuardedRequest extends ClosedWithHandle implements FutureIncomingResponse {
  readonly #context: NetworkContext;
  #request: AllowedRequest;
  readonly #abort = new AbortController();
  readonly #answered = Promise.withResolvers<void>();
  readonly #pump: BodyPump | undefined;
  #permitted: Permitted<HttpEgressRule>;
  #redactor: Redactor;
  /** Gives the rule back. */
  #letGo: () => void = () => undefined;
  #exchange: HttpExchange | undefined;
  #responseBody: ResponseBody | undefined;
  #answer: IncomingResponse | HttpError | 'taken' | undefined;
  /** What still moves: the body of the request, that of the response. */
  #moving = { request: false, response: true };
  #over = false;
  readonly #onEnd = (): void => this.#stop({ tag: 'connection-terminated' });

  constructor(context: NetworkContext, request: AllowedRequest) {
    super();
    this.#context = context;
    this.#request = request;
    this.#permitted = request.permitted;
    this.#redactor = new Redactor([]);
    this.#hold(request.permitted);
    context.signal.addEventListener('abort', this.#onEnd, { once: true });
    this.#pump = request.body && new BodyPump(request.body, this.#pumpRules());
    void this.#run();
  }

  get(): IncomingResponse | HttpError | 'taken' | undefined {
    const answer = this.#answer;
    if (answer !== undefined) this.#answer = 'taken';
    return answer;
  }

  ready(): boolean {
    return this.#answer !== undefined;
  }

  wait(): Promise<void> | undefined {
    return this.ready() ? undefined : this.#answered.promise;
  }

  close(): void {
    const answer = this.#answer;
    if (answer instanceof IncomingResponse) answer.close();
    if (answer === undefined) this.#stop({ tag: 'connection-terminated' });
    this.#answer = 'taken';
  }

  async #run(): Promise<void> {
    try {
      const stack = await this.#context.stack();
      const addresses = await this.#addresses(stack);
      const head = await this.#send(stack, addresses);
      if (!this.#over) this.#receive(head);
    } catch (thrown) {
      this.#stop(this.#redactor.error(httpErrorOf(thrown)));
    }
  }

  /** @returns those to dial, each one checked; the name itself is never dialled */
  async #addresses(stack: NetworkStack): Promise<readonly IpAddress[]> {
    const { target, choice } = this.#request;
    if (typeof target.host !== 'string') return [target.host];
    const answers = await stack.resolve(this.#permitted.permit, target.host, this.#abort.signal);
    if (stack.isVirtual) return answers;
    while (!this.#over && !answers.every((each) => this.#permitted.rule.matcher.allowsAnswer(each))) {
      this.#letGo();
      const next = choice.nextAfterAddress(this.#permitted.rule);
      if ('tag' in next) throw new HttpFailure(next);
      this.#hold(next);
    }
    return answers.slice(0, MAX_DIALLED);
  }

  async #send(stack: NetworkStack, addresses: readonly IpAddress[]): Promise<HttpResponseHead> {
    for (const [index, address] of addresses.entries()) {
      if (this.#over) break;
      try {
        return await this.#attempt(stack, address);
      } catch (thrown) {
        const isLast = index === addresses.length - 1;
        if (isLast || this.#pump?.canRestart === false || !UNREACHED.has(httpErrorOf(thrown).tag))
          throw thrown;
      }
    }
    throw new HttpFailure({ tag: 'destination-unavailable' });
  }

  async #attempt(stack: NetworkStack, address: IpAddress): Promise<HttpResponseHead> {
    const { rule, permit } = this.#permitted;
    const exchange = stack.request(permit, requestHead(this.#request, rule, address), this.#abort.signal);
    this.#exchange = exchange;
    if (this.#pump === undefined) exchange.finishBody([]);
    else {
      this.#moving.request = true;
      this.#pump.start(exchange);
    }
    return exchange.response;
  }

  #receive({ status, headers, body, trailers }: HttpResponseHead): void {
    if (status === 101) return this.#stop({ tag: 'HTTP-upgrade-failed' });
    const fields = Fields.received(this.#request.budget, this.#visible(headers));
    if (fields === undefined) {
      return this.#stop({ tag: 'HTTP-response-header-section-size', val: MAX_FIELDS_BYTES });
    }
    const { guard, meter } = this.#context;
    const { subject } = this.#request;
    const responseBody = new ResponseBody(body, {
      meter,
      budget: this.#permitted.rule.responseBytes,
      onExcess: ({ name, limit }) => guard.limited(name, limit, 'http-request', subject),
      onEnd: (complete) => this.#responseEnded(complete),
    });
    this.#responseBody = responseBody;
    this.#pump?.settle();
    const source = {
      stream: responseBody,
      // Why they do not come, the body's stream says.
      trailers: trailers.then(
        (fields) => fields && this.#visible(fields),
        () => undefined,
      ),
    };
    this.#settle(new IncomingResponse(status, fields, source));
  }

  /** What the guest may see of a response's fields. */
  #visible(fields: readonly Field[]): readonly Field[] {
    const { responseFields } = this.#permitted.rule;
    const allowed =
      responseFields === undefined
        ? fields
        : fields.filter(({ name }) => responseFields.allows(name.toLowerCase()));
    return this.#redactor.fields(allowed);
  }

  #pumpRules(): PumpRules {
    const { guard, meter } = this.#context;
    const { subject } = this.#request;
    return {
      admit: (bytes) => {
        const { requestBytes: budget } = this.#permitted.rule;
        if (budget !== undefined && bytes > budget.left) {
          guard.limited(budget.name, budget.limit, 'http-request', subject);
          return { tag: 'HTTP-request-body-size', val: BigInt(budget.limit) };
        }
        budget?.use(bytes);
        meter.networkBytesSent += bytes;
        return undefined;
      },
      trailers: (trailers) => {
        const { injected, requestFields } = this.#permitted.rule;
        return guestFields(trailers, injected, requestFields);
      },
      failed: (error) => this.#stop(error),
      ended: () => {
        this.#moving.request = false;
        this.#endWhenStill();
      },
    };
  }

  /** From now on it is this rule's request. */
  #hold(permitted: Permitted<HttpEgressRule>): void {
    const { grant, concurrent, injected } = permitted.rule;
    this.#permitted = permitted;
    this.#redactor = new Redactor(injected);
    const unwatch = grant.watch(() => this.#stop({ tag: 'HTTP-request-denied' }));
    this.#letGo = () => {
      this.#letGo = () => undefined;
      unwatch();
      concurrent?.give();
    };
  }

  #settle(answer: IncomingResponse | HttpError): void {
    if (this.#answer !== undefined) return;
    this.#answer = answer;
    this.#answered.resolve();
  }

  #responseEnded(complete: boolean): void {
    this.#moving.response = false;
    if (!complete) this.#exchange?.abort();
    if (!complete) this.#pump?.stop();
    this.#endWhenStill();
  }

  #endWhenStill(): void {
    if (!this.#moving.request && !this.#moving.response) this.#end();
  }

  /** Ends all of it at once, wherever it is. */
  #stop(error: HttpError): void {
    this.#abort.abort();
    this.#exchange?.abort();
    this.#settle(error);
    this.#pump?.stop(error);
    this.#responseBody?.fail(error);
    this.#end();
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#letGo();
    // A guest may well keep the future for long.
    this.#request.release();
    this.#request = { ...this.#request, headers: [] };
    this.#context.signal.removeEventListener('abort', this.#onEnd);
  }
}
