import type { StreamSource } from './values.ts';

/** What a host function gives that has to wait. */
export interface Pending<T> {
  /** Rejects only with what ends the instance: a trap, an exit, a fault of the host. */
  readonly promise: Promise<T>;
  /** The caller does not want it any more: whatever it holds is released before this returns. `promise` is ignored then. */
  cancel(): void;
}

/** A host function: parameters and result are values (values.ts). It must not keep a `borrow` beyond the call. */
export type HostCall<C> = (context: C, ...args: never[]) => unknown;

/** A host function that may give a {@link Pending}. All others answer at once, so that a call of them costs no suspension. */
export interface WaitingCall<C> {
  readonly waits: HostCall<C>;
}

/** A type of resource whose resources are objects of the host. */
export interface HostResourceType<C, T extends object = object> {
  readonly name: string;
  /** The owner dropped its handle; also called for what is left when the instance ends. */
  readonly release: (context: C, resource: T) => void;
}

/** An interface of the host: functions and resource types by their names in WIT (`[method]descriptor.stat`, `now`). */
export interface HostInterface<C> {
  readonly functions: Readonly<Record<string, HostCall<C> | WaitingCall<C>>>;
  readonly resources: Readonly<Record<string, HostResourceType<C, never>>>;
}

/** What {@link HostInterface.functions} must be to implement `I`, an interface of generated types. */
export type Implements<I, C> = {
  readonly [K in keyof I]: I[K] extends (...args: infer A) => infer R
    ? ((context: C, ...args: A) => R) | { readonly waits: (context: C, ...args: A) => R | Pending<R> }
    : never;
};

/** A stream that a component handed to the host, being copied to its destination. */
export interface Drain {
  /** It has taken all that there is, and waits for its writer. */
  readonly isStarved: boolean;
  /** Stops reading, and drops the stream. */
  cancel(): void;
}

export type { StreamSource };
