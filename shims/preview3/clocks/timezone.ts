import type { HostInterface, Implements } from '../../canonical-abi/host-function.ts';
import type { Context } from '../context.ts';
import type { ClocksTimezone } from '../wit.ts';

const UTC = 'UTC';

/** wasi:clocks/timezone, an unstable feature. Where the host stands is nobody's business: it is UTC everywhere. */
export const timezone: HostInterface<Context> = {
  functions: {
    // iana-id: func() -> option<string>
    'iana-id': () => UTC,
    // utc-offset: func(when: instant) -> option<s64>
    'utc-offset': () => 0n,
    // to-debug-string: func() -> string
    'to-debug-string': () => UTC,
  } satisfies Implements<ClocksTimezone, Context>,
  resources: {},
};
