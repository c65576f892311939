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
  /** Where the fixed beginning of the path ends, and with what: one comparison that says no to most requests. */
  readonly #position: number;
  readonly #character: number;
  readonly #answers: AnswerMatcher;

  constructor(methods: readonly string[], url: UrlPattern, answers: AnswerMatcher) {
    this.#methods = methods;
    this.#scheme = url.scheme;
    this.#host = new HostMatcher(url.host);
    this.#port = url.port;
    this.#path = new UrlPathMatcher(url.path);
    this.#position = Math.max(0, this.#path.prefix.length - 1);
    this.#character = url.path.charCodeAt(this.#position);
    this.#answers = answers;
  }

  matches({ method, scheme, host, port, path }: HttpTarget): boolean {
    return (
      port === this.#port &&
      path.charCodeAt(this.#position) === this.#character &&
      scheme === this.#scheme &&
      this.#host.matches(host) &&
      this.#path.matches(path) &&
      this.#methods.includes(method)
    );
  }

  allowsAnswer(address: IpAddress): boolean {
    return this.#answers.allows(address);
  }
}
