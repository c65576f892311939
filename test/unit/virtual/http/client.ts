import { nodeMachine } from '../../../../src/ambient/machine.ts';
import { compileNetwork } from '../../../../src/engine/compiled-network.ts';
import { openNetwork, type OpenedNetwork } from '../../../../src/engine/open-network.ts';
import { normalizePolicy, type PolicyDocument } from '../../../../src/policy/index.ts';
import { HttpBudget } from '../../../../src/virtual/http/budget.ts';
import type { FutureIncomingResponse } from '../../../../src/virtual/http/client.ts';
import { Fields } from '../../../../src/virtual/http/fields.ts';
import type { HttpError } from '../../../../src/virtual/http/http-error.ts';
import { IncomingResponse } from '../../../../src/virtual/http/incoming-response.ts';
import { OutgoingRequest } from '../../../../src/virtual/http/outgoing-request.ts';
import type { RequestOptions } from '../../../../src/virtual/http/request-options.ts';
import type { NetworkStack } from '../../../../src/virtual/network/stack.ts';
import { VirtualNetwork } from '../../../../src/virtual/network/virtual-network.ts';
import { type TestHost, testHost, type TestHostOptions } from '../../../support/host.ts';
import { field, readAll, texts } from './streams.ts';

export interface RequestText {
  readonly method?: string;
  /** `https://api.test/rates?x` */
  readonly url?: string;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly options?: RequestOptions;
}

/** A client under the http rules of a policy, on a network in memory. */
export class TestClient {
  readonly network: VirtualNetwork = new VirtualNetwork();
  readonly budget: HttpBudget = new HttpBudget();
  readonly test: TestHost;
  readonly opened: OpenedNetwork;
  /** For a host of another test. */
  readonly egress: NonNullable<TestHostOptions['egress']>;

  constructor(
    http: NonNullable<PolicyDocument['http']>,
    { secrets = {}, wrap = (stack) => stack }: ClientOptions = {},
  ) {
    const compiled = compileNetwork(normalizePolicy({ version: 1, http }));
    const bindings = {
      secrets: new Map(Object.entries(secrets)),
      stack: undefined,
      virtualNetwork: undefined,
    };
    this.opened = openNetwork(compiled, bindings, nodeMachine, {
      signal: new AbortController().signal,
      tenant: { bytes: undefined, requests: undefined },
    });
    const stack = wrap(this.network.host('guest').open(nodeMachine));
    this.egress = { rules: this.opened.rules, stack: () => Promise.resolve(stack) };
    this.test = testHost({ egress: this.egress });
  }

  request({ method = 'GET', url = 'https://api.test/', headers = [] }: RequestText = {}): OutgoingRequest {
    const [, scheme, authority, path] = /^(\w+):\/\/([^/?]*)(.*)$/.exec(url) ?? [];
    const fields = new Fields(this.budget);
    const error = fields.append(headers.map(([name, value]) => field(name, value)));
    if (error !== undefined) throw new Error(error);
    const request = new OutgoingRequest(fields);
    const isSet =
      request.setMethod(method) &&
      request.setScheme(scheme) &&
      request.setAuthority(authority) &&
      request.setPathWithQuery(path);
    if (!isSet) throw new Error(`no request: ${url}`);
    return request;
  }

  send(request: OutgoingRequest | RequestText = {}): FutureIncomingResponse | HttpError {
    if (request instanceof OutgoingRequest) return this.test.host.http.send(request, undefined);
    return this.test.host.http.send(this.request(request), request.options);
  }

  /** @returns the response, or the tag of the error */
  async fetch(request: OutgoingRequest | RequestText = {}): Promise<IncomingResponse | string> {
    const sent = this.send(request);
    if ('tag' in sent) return sent.tag;
    await sent.wait();
    const answer = sent.get();
    if (answer === undefined || answer === 'taken') throw new Error('no answer');
    return answer instanceof IncomingResponse ? answer : answer.tag;
  }

  /** @returns status, fields and body of the response, or the tag of the error */
  async show(request: OutgoingRequest | RequestText = {}): Promise<unknown> {
    const response = await this.fetch(request);
    if (typeof response === 'string') return response;
    return [response.status, texts(response.headers.entries()), ...(await readBody(response))];
  }

  /** What the guard put on record: kind, rule or limit, subject. */
  get records(): readonly (string | undefined)[][] {
    return this.test.records.map(({ kind, grant, request }) => [kind, grant, request.subject]);
  }

  revoke(id: string): void {
    const grant = this.opened.grants.find((each) => each.id === id);
    if (grant === undefined) throw new Error(`there is no ${id}`);
    this.test.host.guard.revoke(grant);
  }
}

interface ClientOptions {
  readonly secrets?: Readonly<Record<string, string>>;
  readonly wrap?: (stack: NetworkStack) => NetworkStack;
}

/** @returns the text of the body, and how it ended */
export async function readBody(response: IncomingResponse): Promise<readonly [string, string]> {
  const body = response.consume();
  const stream = body?.stream();
  if (stream === undefined) throw new Error('no body');
  const read = await readAll(stream);
  stream.close();
  body?.close();
  return read;
}
