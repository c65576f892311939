import { RequestOptions, type Timeout } from '../../../src/virtual/http/request-options.ts';
import type { Result } from '../../canonical-abi/values.ts';
import type { Context } from '../context.ts';
import type { RequestOptionsError } from '../wit.ts';
import { takeHandle } from './handles.ts';
import type { FunctionsOf } from './resources.ts';

/** The resource `request-options` of wasi:http/types. */
export const requestOptionsFunctions: FunctionsOf<'request-options'> = {
  // constructor()
  '[constructor]request-options': (context) => {
    takeHandle(context, 'request-options');
    return new RequestOptions();
  },

  '[method]request-options.get-connect-timeout': get('connectTimeout'),
  '[method]request-options.set-connect-timeout': set('connectTimeout'),
  '[method]request-options.get-first-byte-timeout': get('firstByteTimeout'),
  '[method]request-options.set-first-byte-timeout': set('firstByteTimeout'),
  '[method]request-options.get-between-bytes-timeout': get('betweenBytesTimeout'),
  '[method]request-options.set-between-bytes-timeout': set('betweenBytesTimeout'),

  // clone: func() -> request-options
  '[method]request-options.clone': (context, self) => {
    takeHandle(context, 'request-options');
    return self.clone();
  },
};

// get-…-timeout: func() -> option<duration>
function get(name: Timeout): (context: Context, self: RequestOptions) => bigint | undefined {
  return (_context, self) => self[name];
}

// set-…-timeout: func(duration: option<duration>) -> result<_, request-options-error>
function set(
  name: Timeout,
): (
  context: Context,
  self: RequestOptions,
  duration: bigint | undefined,
) => Result<undefined, RequestOptionsError> {
  return (_context, self, duration) => {
    if (self.immutable) return { tag: 'err', val: { tag: 'immutable' } };
    self[name] = duration;
    return { tag: 'ok' };
  };
}
