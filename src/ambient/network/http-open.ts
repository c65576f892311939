import { type Agent, type ClientRequest, request as requestOf } from 'node:http';
import type { HttpRequestHead } from '../../virtual/network/stack.ts';
import { MAX_FIELDS, MAX_HEADER_BYTES } from './http-errors.ts';
import { type Framing, headerLines } from './http-head.ts';
import type { PoolOptions } from './http-pool.ts';

/** Where a request finds its connection. */
export interface PooledRequest extends PoolOptions {
  readonly agent: Agent;
}

/** Makes a request of node:http; nothing is sent before its body, its end, or a flush. @throws when it cannot be written */
export function openRequest(head: HttpRequestHead, framing: Framing, pool: PooledRequest): ClientRequest {
  const { method, path } = head;
  const options = {
    ...pool,
    method,
    path: path.startsWith('?') ? `/${path}` : path || '/',
    headers: headerLines(head, framing),
    setHost: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    insecureHTTPParser: false,
  };
  const request = requestOf(options);
  // One more than there may be, to see that there are more.
  request.maxHeadersCount = MAX_FIELDS + 1;
  return request;
}
