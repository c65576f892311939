import type { HttpError } from '../../../src/virtual/http/http-error.ts';
import {
  type IncomingRequest,
  type IncomingRequestParts,
  makeIncomingRequest,
} from '../../../src/virtual/http/incoming-request.ts';
import type { ResponseOutparam } from '../../../src/virtual/http/response-outparam.ts';
import type { Context } from '../context.ts';
import { takeHandle } from './plain-results.ts';

/** Enters a guest's `handle`. Resolves when it returns; what it answers is in `out`. */
export type Handle = (parts: IncomingRequestParts, out: ResponseOutparam) => Promise<void>;

/**
 * wasi:http/incoming-handler: makes what a guest's `handle` is given, counted as its handles; the caller puts both into
 * their tables.
 *
 * @returns an error when the request's head is larger than an instance can have kept
 */
export function admitRequest(context: Context, parts: IncomingRequestParts): IncomingRequest | HttpError {
  const request = makeIncomingRequest(parts, context.httpBudget);
  if ('tag' in request) return request;
  takeHandle(context, 'incoming-request');
  takeHandle(context, 'response-outparam');
  return request;
}
