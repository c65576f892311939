import { describeTarget, parseHttpTarget, type RequestTarget } from '../../kernel/egress/http-target.ts';
import type { HttpError } from './http-error.ts';
import type { SentRequest } from './sent-request.ts';

/** What a request is for, in the form in which rules compare and in which it is sent. */
export interface NamedTarget {
  readonly target: RequestTarget;
  /** What the log calls the request. */
  readonly subject: string;
}

/** @returns an error for a request that is none that could be sent */
export function targetOf(request: SentRequest): NamedTarget | HttpError {
  const { method, scheme = 'https', authority, pathWithQuery = '' } = request;
  // RFC 9110, 4.2: other schemes are not HTTP's.
  if (scheme !== 'http' && scheme !== 'https') return { tag: 'HTTP-protocol-error' };
  const target =
    authority === undefined ? undefined : parseHttpTarget(method, scheme, authority, pathWithQuery);
  if (target === undefined) return { tag: 'HTTP-request-URI-invalid' };
  return { target, subject: describeTarget(target) };
}
