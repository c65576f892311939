import { OutgoingRequest } from '../../../src/virtual/http/outgoing-request.ts';
import { RequestOptions, type Timeout } from '../../../src/virtual/http/request-options.ts';
import type { Lowering, Lowerings } from '../abi/lowering.ts';
import { checked, liftString, resultArea } from '../abi/values.ts';
import { liftOptionText, storeHandle, storeMethod, storeOptionText, storeScheme } from './stores.ts';
import { METHODS, methodOf } from './words.ts';

/** The resources `incoming-request`, `outgoing-request` and `request-options` of wasi:http/types. */
export const requestLowerings: Lowerings = {
  '[method]incoming-request.method': {
    resources: ['incoming-request'],
    lower:
      (_context, canon) =>
      (self: number, result: number): void =>
        storeMethod(canon, canon.handles['incoming-request'].get(self).method, result),
  },
  '[method]incoming-request.path-with-query': {
    resources: ['incoming-request'],
    lower:
      (_context, canon) =>
      (self: number, result: number): void =>
        storeOptionText(canon, canon.handles['incoming-request'].get(self).pathWithQuery, result),
  },
  '[method]incoming-request.scheme': {
    resources: ['incoming-request'],
    lower:
      (_context, canon) =>
      (self: number, result: number): void =>
        storeScheme(canon, canon.handles['incoming-request'].get(self).scheme, result),
  },
  '[method]incoming-request.authority': {
    resources: ['incoming-request'],
    lower:
      (_context, canon) =>
      (self: number, result: number): void =>
        storeOptionText(canon, canon.handles['incoming-request'].get(self).authority, result),
  },
  '[method]incoming-request.headers': {
    resources: ['fields', 'incoming-request'],
    lower:
      (context, canon) =>
      (self: number): number => {
        const { headers } = canon.handles['incoming-request'].get(self);
        context.takeHandle('http-request', 'fields');
        return canon.handles.fields.add(headers.retain());
      },
  },
  '[method]incoming-request.consume': {
    resources: ['incoming-request', 'incoming-body'],
    lower:
      (context, canon) =>
      (self: number, result: number): void => {
        const body = canon.handles['incoming-request'].get(self).consume();
        if (body !== undefined) context.takeHandle('http-request', 'incoming-body');
        storeHandle(canon, body && canon.handles['incoming-body'].add(body), result);
      },
  },
  '[constructor]outgoing-request': {
    resources: ['fields', 'outgoing-request'],
    lower:
      (context, canon) =>
      (headers: number): number => {
        const fields = context.handOver(canon.handles.fields.take(headers));
        context.takeHandle('http-request', 'outgoing-request');
        return canon.handles['outgoing-request'].add(new OutgoingRequest(fields));
      },
  },
  '[method]outgoing-request.body': {
    resources: ['outgoing-request', 'outgoing-body'],
    lower:
      (context, canon) =>
      (self: number, result: number): void => {
        const body = canon.handles['outgoing-request'].get(self).body();
        if (body !== undefined) context.takeHandle('http-request', 'outgoing-body');
        storeHandle(canon, body && canon.handles['outgoing-body'].add(body), result);
      },
  },
  '[method]outgoing-request.method': {
    resources: ['outgoing-request'],
    lower:
      (_context, canon) =>
      (self: number, result: number): void =>
        storeMethod(canon, canon.handles['outgoing-request'].get(self).method, result),
  },
  '[method]outgoing-request.set-method': {
    resources: ['outgoing-request'],
    lower:
      (_context, canon) =>
      (self: number, ordinal: number, pointer: number, length: number): number => {
        const request = canon.handles['outgoing-request'].get(self);
        const isOther = checked(ordinal, METHODS.length) === METHODS.length;
        const method = isOther ? liftString(canon.memory, pointer, length) : methodOf(ordinal);
        return failed(request.setMethod(method));
      },
  },
  '[method]outgoing-request.path-with-query': {
    resources: ['outgoing-request'],
    lower:
      (_context, canon) =>
      (self: number, result: number): void =>
        storeOptionText(canon, canon.handles['outgoing-request'].get(self).pathWithQuery, result),
  },
  '[method]outgoing-request.set-path-with-query': setText((request, text) => request.setPathWithQuery(text)),
  '[method]outgoing-request.scheme': {
    resources: ['outgoing-request'],
    lower:
      (_context, canon) =>
      (self: number, result: number): void =>
        storeScheme(canon, canon.handles['outgoing-request'].get(self).scheme, result),
  },
  '[method]outgoing-request.set-scheme': {
    resources: ['outgoing-request'],
    lower:
      (_context, canon) =>
      (self: number, some: number, ordinal: number, pointer: number, length: number): number => {
        const request = canon.handles['outgoing-request'].get(self);
        if (checked(some, 1) === 0) return failed(request.setScheme(undefined));
        const known = SCHEMES[checked(ordinal, SCHEMES.length)];
        return failed(request.setScheme(known ?? liftString(canon.memory, pointer, length)));
      },
  },
  '[method]outgoing-request.authority': {
    resources: ['outgoing-request'],
    lower:
      (_context, canon) =>
      (self: number, result: number): void =>
        storeOptionText(canon, canon.handles['outgoing-request'].get(self).authority, result),
  },
  '[method]outgoing-request.set-authority': setText((request, text) => request.setAuthority(text)),
  '[method]outgoing-request.headers': {
    resources: ['fields', 'outgoing-request'],
    lower:
      (context, canon) =>
      (self: number): number => {
        const { headers } = canon.handles['outgoing-request'].get(self);
        context.takeHandle('http-request', 'fields');
        return canon.handles.fields.add(headers.retain());
      },
  },
  '[constructor]request-options': {
    resources: ['request-options'],
    lower: (context, canon) => (): number => {
      context.takeHandle('http-request', 'request-options');
      return canon.handles['request-options'].add(new RequestOptions());
    },
  },
  '[method]request-options.connect-timeout': getTimeout('connectTimeout'),
  '[method]request-options.set-connect-timeout': setTimeout('connectTimeout'),
  '[method]request-options.first-byte-timeout': getTimeout('firstByteTimeout'),
  '[method]request-options.set-first-byte-timeout': setTimeout('firstByteTimeout'),
  '[method]request-options.between-bytes-timeout': getTimeout('betweenBytesTimeout'),
  '[method]request-options.set-between-bytes-timeout': setTimeout('betweenBytesTimeout'),
};

/** The cases of `scheme` but for `other`. */
const SCHEMES = ['http', 'https'] as const;

/** `result` without payloads, as it is returned. */
function failed(ok: boolean): 0 | 1 {
  return ok ? 0 : 1;
}

function setText(set: (request: OutgoingRequest, text: string | undefined) => boolean): Lowering {
  return {
    resources: ['outgoing-request'],
    lower:
      (_context, canon) =>
      (self: number, some: number, pointer: number, length: number): number => {
        const request = canon.handles['outgoing-request'].get(self);
        return failed(set(request, liftOptionText(canon.memory, checked(some, 1), pointer, length)));
      },
  };
}

function getTimeout(name: Timeout): Lowering {
  return {
    resources: ['request-options'],
    lower:
      (_context, canon) =>
      (self: number, result: number): void => {
        const { memory } = canon;
        const duration = canon.handles['request-options'].get(self)[name];
        const at = resultArea(memory, result, 16, 8);
        memory.bytes[at] = duration === undefined ? 0 : 1;
        memory.view.setBigUint64(at + 8, duration ?? 0n, true);
      },
  };
}

function setTimeout(name: Timeout): Lowering {
  return {
    resources: ['request-options'],
    lower:
      (_context, canon) =>
      (self: number, some: number, duration: bigint): number => {
        const options = canon.handles['request-options'].get(self);
        options[name] = checked(some, 1) === 0 ? undefined : BigInt.asUintN(64, duration);
        return 0;
      },
  };
}
