import type { IncomingMessage, ServerResponse } from 'node:http';
import { InstanceError } from '../errors.ts';
import type { Field } from '../virtual/http/fields.ts';
import type { IncomingRequestParts } from '../virtual/http/incoming-request.ts';
import type { ServedResponse } from '../virtual/http/response-outparam.ts';
import { text } from './node-bodies.ts';

/** Statuses whose responses have no body: RFC 9110, 6.4.1. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 304]);

/**
 * Where a request wants to go: the target of its first line (RFC 9112, 3.2), which may be a whole URL, and the host.
 *
 * @returns undefined for a target that is none, or for more than one host
 */
export function targetOf(
  request: IncomingMessage,
): { authority: string | undefined; path: string } | undefined {
  const { url = '', headers, headersDistinct } = request;
  // Of several, somebody in front may have taken another one: RFC 9112, 3.2.
  if ((headersDistinct['host']?.length ?? 0) > 1) return undefined;
  if (url.startsWith('/') || url === '*') return { authority: headers.host, path: url };
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return undefined;
  // The host of a whole URL is it, whatever the header says: RFC 9112, 3.2.2.
  const { host, pathname, search } = new URL(url);
  return { authority: host, path: pathname + search };
}

/** @returns what a guest is given, but for the body */
export function headOf(
  request: IncomingMessage,
  target: { readonly authority: string | undefined; readonly path: string },
): Omit<IncomingRequestParts, 'body'> {
  const { method = 'GET', rawHeaders } = request;
  const headers: Field[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2)
    headers.push({
      name: rawHeaders[i] as string,
      value: Buffer.from(rawHeaders[i + 1] as string, 'latin1'),
    });
  return { method, scheme: 'http', authority: target.authority, pathWithQuery: target.path, headers };
}

/** Writes the head of a guest's answer. @returns false when there is nothing behind it, and it is sent */
export function writeHead(response: ServerResponse, served: ServedResponse, isHead: boolean): boolean {
  const { status, headers, contentLength } = served;
  const list: string[] = [];
  let hasLength = false;
  for (const { name, value } of headers) {
    const key = name.toLowerCase();
    // It announces trailers, which only a chunked body has; those that come are sent without it.
    if (key === 'trailer') continue;
    const isLength = key === 'content-length';
    // RFC 9110, 8.6.
    if (isLength && status === 204) continue;
    hasLength ||= isLength;
    list.push(name, text(value));
  }
  const withoutBody = isHead || WITHOUT_BODY.has(status);
  if (!hasLength && contentLength !== undefined && !withoutBody)
    list.push('content-length', `${contentLength}`);
  response.writeHead(status, list);
  if (!withoutBody) return true;
  served.body.stream.close();
  response.end();
  return false;
}

/** Answers in the place of a program; what went wrong inside is nobody's business outside. */
export function refuse(
  response: ServerResponse,
  status: keyof typeof REASONS,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = `${REASONS[status]}\n`;
  response.writeHead(status, { 'content-type': 'text/plain', 'content-length': body.length, ...headers });
  response.end(body);
}

const REASONS = {
  400: 'Bad Request',
  404: 'Not Found',
  413: 'Content Too Large',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
} as const;

/** What is not the program's fault: its time was up, its tenant has used what it may. */
const STATUSES: Readonly<Record<string, 429 | 503 | 504>> = {
  BW_INSTANCE_LIMIT: 504,
  BW_TENANT_REQUESTS: 429,
  BW_TENANT_INSTANCES: 503,
  BW_ENGINE_BUSY: 503,
};

/** @returns the status for a program that gave no answer: what wasmtime's serve says, and others where nobody failed */
export function statusOf(error: unknown): 429 | 500 | 503 | 504 {
  return (error instanceof InstanceError && STATUSES[error.code]) || 500;
}
