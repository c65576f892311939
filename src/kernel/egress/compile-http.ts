import type { HostPattern } from '../../policy/address/host.ts';
import type { IpAddress } from '../../policy/address/ip-address.ts';
import { parseUrlPattern, type UrlPattern } from '../../policy/address/url-pattern.ts';
import type { HttpRule } from '../../policy/types.ts';
import { AnswerMatcher } from './answer-matcher.ts';
import { HostMatcher } from './host-matcher.ts';
import type { HttpMatcher, HttpTarget } from './matchers.ts';
import { maskOfPrefix, startOfPath } from './path-start.ts';
import { UrlPathMatcher } from './url-path-matcher.ts';

/** @param rule of a valid policy */
export function compileHttpMatcher(rule: Pick<HttpRule, 'methods' | 'url' | 'addresses'>): HttpMatcher {
  const url = parseUrlPattern(rule.url);
  if (url === undefined) throw new TypeError(`no URL of a rule: ${rule.url}`);
  return new CompiledHttpMatcher(rule.methods, url, new AnswerMatcher(rule.addresses));
}

class CompiledHttpMatcher implements HttpMatcher {
  readonly host: HostPattern;
  /** What the path begins with, as far as the rule fixes it. */
  readonly #start: number;
  readonly #mask: number;
  readonly #methods: readonly string[];
  readonly #scheme: 'http' | 'https';
  readonly #host: HostMatcher;
  readonly #port: number;
  readonly #path: UrlPathMatcher;
  readonly #answers: AnswerMatcher;

  constructor(methods: readonly string[], url: UrlPattern, answers: AnswerMatcher) {
    this.host = url.host;
    this.#methods = methods;
    this.#scheme = url.scheme;
    this.#host = new HostMatcher(url.host);
    this.#port = url.port;
    this.#path = new UrlPathMatcher(url.path);
    this.#mask = maskOfPrefix(this.#path.prefix);
    this.#start = startOfPath(this.#path.prefix) & this.#mask;
    this.#answers = answers;
  }

  /** Short, so that a loop over hundreds of rules has it inlined. */
  matches(target: HttpTarget): boolean {
    return (target.start & this.#mask) === this.#start && this.#matchesAll(target);
  }

  allowsAnswer(address: IpAddress): boolean {
    return this.#answers.allows(address);
  }

  #matchesAll({ method, scheme, host, port, path }: HttpTarget): boolean {
    return (
      port === this.#port &&
      scheme === this.#scheme &&
      this.#host.matches(host) &&
      this.#path.matches(path) &&
      this.#methods.includes(method)
    );
  }
}
