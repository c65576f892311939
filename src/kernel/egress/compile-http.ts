import type { IpAddress } from '../../policy/address/ip-address.ts';
import { parseUrlPattern, type UrlPattern } from '../../policy/address/url-pattern.ts';
import type { HttpRule } from '../../policy/types.ts';
import { AnswerMatcher } from './answer-matcher.ts';
import { HostMatcher } from './host-matcher.ts';
import type { HttpMatcher, HttpTarget } from './matchers.ts';
import { UrlPathMatcher } from './url-path-matcher.ts';

/** @param rule of a valid policy */
export function compileHttpMatcher(rule: Pick<HttpRule, 'methods' | 'url' | 'addresses'>): HttpMatcher {
  const url = parseUrlPattern(rule.url);
  if (url === undefined) throw new TypeError(`no URL of a rule: ${rule.url}`);
  return new CompiledHttpMatcher(rule.methods, url, new AnswerMatcher(rule.addresses));
}

class CompiledHttpMatcher implements HttpMatcher {
  readonly #methods: readonly string[];
  readonly #scheme: 'http' | 'https';
  readonly #host: HostMatcher;
  readonly #port: number;
  readonly #path: UrlPathMatcher;
  readonly #answers: AnswerMatcher;

  constructor(methods: readonly string[], url: UrlPattern, answers: AnswerMatcher) {
    this.#methods = methods;
    this.#scheme = url.scheme;
    this.#host = new HostMatcher(url.host);
    this.#port = url.port;
    this.#path = new UrlPathMatcher(url.path);
    this.#answers = answers;
  }

  matches({ method, scheme, host, port, path }: HttpTarget): boolean {
    return (
      port === this.#port &&
      scheme === this.#scheme &&
      this.#host.matches(host) &&
      this.#methods.includes(method) &&
      this.#path.matches(path)
    );
  }

  allowsAnswer(address: IpAddress): boolean {
    return this.#answers.allows(address);
  }
}
