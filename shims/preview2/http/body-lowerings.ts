import { Fields } from '../../../src/virtual/http/fields.ts';
import type { Lowerings } from '../abi/lowering.ts';
import { trap } from '../../trap.ts';
import { checked } from '../abi/values.ts';
import { StreamPollable } from '../io/pollable.ts';
import { storeAnswer, storeFuture, storeHandle } from './stores.ts';

/** The resources of wasi:http/types that are about bodies and trailers. */
export const bodyLowerings: Lowerings = {
  '[method]incoming-body.stream': {
    resources: ['input-stream', 'incoming-body'],
    lower:
      (context, canon) =>
      (self: number, result: number): void => {
        const stream = canon.handles['incoming-body'].get(self).stream();
        if (stream !== undefined) context.takeHandle('http-request', 'input-stream');
        storeHandle(canon, stream && canon.handles['input-stream'].add(stream), result);
      },
  },
  '[static]incoming-body.finish': {
    resources: ['incoming-body', 'future-trailers'],
    lower:
      (context, canon) =>
      (self: number): number => {
        const body = canon.handles['incoming-body'].get(self);
        if (body.reading) trap('an incoming-body is finished while its stream is open');
        context.handOver(canon.handles['incoming-body'].take(self));
        context.takeHandle('http-request', 'future-trailers');
        return canon.handles['future-trailers'].add(body.finish());
      },
  },
  '[method]future-trailers.subscribe': {
    resources: ['pollable', 'future-trailers'],
    lower:
      (context, canon) =>
      (self: number): number => {
        const future = canon.handles['future-trailers'].get(self);
        context.takeHandle('http-request', 'pollable');
        return canon.handles.pollable.add(new StreamPollable(future));
      },
  },
  '[method]future-trailers.get': {
    resources: ['fields', 'future-trailers'],
    lower:
      (context, canon) =>
      (self: number, result: number): void => {
        const answer = canon.handles['future-trailers'].get(self).get();
        if (!(answer instanceof Fields)) return storeFuture(canon, answer, true, result);
        context.takeHandle('http-request', 'fields');
        storeFuture(canon, canon.handles.fields.add(answer), true, result);
      },
  },
  '[method]outgoing-body.write': {
    resources: ['output-stream', 'outgoing-body'],
    lower:
      (context, canon) =>
      (self: number, result: number): void => {
        const stream = canon.handles['outgoing-body'].get(self).write();
        if (stream !== undefined) context.takeHandle('http-request', 'output-stream');
        storeHandle(canon, stream && canon.handles['output-stream'].add(stream), result);
      },
  },
  '[static]outgoing-body.finish': {
    resources: ['fields', 'outgoing-body'],
    lower:
      (context, canon) =>
      (self: number, some: number, handle: number, result: number): void => {
        const body = canon.handles['outgoing-body'].get(self);
        if (body.writing) trap('an outgoing-body is finished while its stream is open');
        const trailers = checked(some, 1) === 0 ? undefined : canon.handles.fields.take(handle);
        const error = body.finish(trailers);
        if (trailers !== undefined) context.release(trailers);
        context.release(canon.handles['outgoing-body'].take(self));
        storeAnswer(canon, error, result);
      },
  },
};
