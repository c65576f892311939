import { parseEndpoint, type Endpoint } from '../../policy/address/endpoint.ts';
import type { IpAddress } from '../../policy/address/ip-address.ts';
import { AnswerMatcher } from './answer-matcher.ts';
import { HostMatcher } from './host-matcher.ts';
import type { EndpointMatcher } from './matchers.ts';

/**
 * @param endpoint `connect` or `listen` of a rule of a valid policy
 * @param addresses of the same rule
 */
export function compileEndpointMatcher(
  endpoint: string,
  addresses: readonly string[] | undefined,
): EndpointMatcher {
  const parsed = parseEndpoint(endpoint);
  if (parsed === undefined) throw new TypeError(`no endpoint: ${endpoint}`);
  return new CompiledEndpointMatcher(parsed, new AnswerMatcher(addresses));
}

class CompiledEndpointMatcher implements EndpointMatcher {
  readonly name: string | undefined;
  readonly #host: HostMatcher;
  readonly #firstPort: number;
  readonly #lastPort: number;
  readonly #answers: AnswerMatcher;

  constructor({ host, firstPort, lastPort }: Endpoint, answers: AnswerMatcher) {
    this.name = host.kind === 'name' ? host.name : undefined;
    this.#host = new HostMatcher(host);
    this.#firstPort = firstPort;
    this.#lastPort = lastPort;
    this.#answers = answers;
  }

  hasPort(port: number): boolean {
    return port >= this.#firstPort && port <= this.#lastPort;
  }

  allowsLiteral(address: IpAddress): boolean {
    return this.#host.matchesAddress(address);
  }

  matchesName(name: string): boolean {
    return this.#host.matchesName(name);
  }

  allowsAnswer(address: IpAddress): boolean {
    return this.#answers.allows(address);
  }
}
