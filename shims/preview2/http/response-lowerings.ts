import { IncomingResponse } from '../../../src/virtual/http/incoming-response.ts';
import { OutgoingResponse } from '../../../src/virtual/http/outgoing-response.ts';
import type { Lowerings } from '../abi/lowering.ts';
import { checked } from '../abi/values.ts';
import { StreamPollable } from '../io/pollable.ts';
import { liftError } from './error-code.ts';
import { storeAnswer, storeFuture, storeHandle } from './stores.ts';

/** The resources of wasi:http/types that are about responses. */
export const responseLowerings: Lowerings = {
  '[method]response-outparam.send-informational': {
    resources: ['fields', 'response-outparam'],
    lower:
      (context, canon) =>
      (self: number, status: number, headers: number, result: number): void => {
        const outparam = canon.handles['response-outparam'].get(self);
        const fields = canon.handles.fields.take(headers);
        const error = outparam.sendInformational(checked(status, 0xffff), fields.entries());
        context.release(fields);
        storeAnswer(canon, error, result);
      },
  },
  '[static]response-outparam.set': {
    resources: ['response-outparam', 'outgoing-response'],
    lower:
      (context, canon) =>
      (
        param: number,
        isError: number,
        response: number,
        a: number,
        b: bigint,
        c: number,
        d: number,
        e: number,
        f: number,
      ): void => {
        // First what may trap, so that nothing is half taken.
        const error =
          checked(isError, 1) === 0 ? undefined : liftError(canon.memory, response, [a, b, c, d, e, f]);
        const outparam = canon.handles['response-outparam'].take(param);
        if (error !== undefined) outparam.set(error);
        else outparam.set(context.handOver(canon.handles['outgoing-response'].take(response)));
        context.release(outparam);
      },
  },
  '[method]incoming-response.status': {
    resources: ['incoming-response'],
    lower:
      (_context, canon) =>
      (self: number): number =>
        canon.handles['incoming-response'].get(self).status,
  },
  '[method]incoming-response.headers': {
    resources: ['fields', 'incoming-response'],
    lower:
      (context, canon) =>
      (self: number): number => {
        const { headers } = canon.handles['incoming-response'].get(self);
        context.takeHandle('http-request', 'fields');
        return canon.handles.fields.add(headers.retain());
      },
  },
  '[method]incoming-response.consume': {
    resources: ['incoming-response', 'incoming-body'],
    lower:
      (context, canon) =>
      (self: number, result: number): void => {
        const body = canon.handles['incoming-response'].get(self).consume();
        if (body !== undefined) context.takeHandle('http-request', 'incoming-body');
        storeHandle(canon, body && canon.handles['incoming-body'].add(body), result);
      },
  },
  '[constructor]outgoing-response': {
    resources: ['fields', 'outgoing-response'],
    lower:
      (context, canon) =>
      (headers: number): number => {
        const fields = context.handOver(canon.handles.fields.take(headers));
        context.takeHandle('http-request', 'outgoing-response');
        return canon.handles['outgoing-response'].add(new OutgoingResponse(fields));
      },
  },
  '[method]outgoing-response.status-code': {
    resources: ['outgoing-response'],
    lower:
      (_context, canon) =>
      (self: number): number =>
        canon.handles['outgoing-response'].get(self).statusCode,
  },
  '[method]outgoing-response.set-status-code': {
    resources: ['outgoing-response'],
    lower:
      (_context, canon) =>
      (self: number, status: number): number =>
        canon.handles['outgoing-response'].get(self).setStatusCode(checked(status, 0xffff)) ? 0 : 1,
  },
  '[method]outgoing-response.headers': {
    resources: ['fields', 'outgoing-response'],
    lower:
      (context, canon) =>
      (self: number): number => {
        const { headers } = canon.handles['outgoing-response'].get(self);
        context.takeHandle('http-request', 'fields');
        return canon.handles.fields.add(headers.retain());
      },
  },
  '[method]outgoing-response.body': {
    resources: ['outgoing-response', 'outgoing-body'],
    lower:
      (context, canon) =>
      (self: number, result: number): void => {
        const body = canon.handles['outgoing-response'].get(self).body();
        if (body !== undefined) context.takeHandle('http-request', 'outgoing-body');
        storeHandle(canon, body && canon.handles['outgoing-body'].add(body), result);
      },
  },
  '[method]future-incoming-response.subscribe': {
    resources: ['pollable', 'future-incoming-response'],
    lower:
      (context, canon) =>
      (self: number): number => {
        const future = canon.handles['future-incoming-response'].get(self);
        context.takeHandle('http-request', 'pollable');
        return canon.handles.pollable.add(new StreamPollable(future));
      },
  },
  '[method]future-incoming-response.get': {
    resources: ['incoming-response', 'future-incoming-response'],
    lower:
      (context, canon) =>
      (self: number, result: number): void => {
        const answer = canon.handles['future-incoming-response'].get(self).get();
        if (!(answer instanceof IncomingResponse)) return storeFuture(canon, answer, false, result);
        context.takeHandle('http-request', 'incoming-response');
        storeFuture(canon, canon.handles['incoming-response'].add(answer), false, result);
      },
  },
};
