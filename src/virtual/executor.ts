/**
 * How guest code is entered and left. Guests run on the main thread; a call that can only wait suspends its guest
 * through JSPI (WebAssembly JavaScript Promise Integration) and the event loop goes on.
 *
 * Instances without a deadline use {@link plainExecutor}. Instances with one run in a realm of their own, where every
 * entry is timed (engine/deadline.ts).
 */
export interface Executor {
  /** Makes a host function whose promise suspends the guest. It only works below a `promising` export. */
  suspending(fn: HostFunction): HostFunction;
  /** Makes an export that may suspend; the promise settles when the guest returns or traps. */
  promising(fn: GuestFunction): (...args: readonly unknown[]) => Promise<unknown>;
  instantiate(module: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Instance;
}

export type HostFunction = (...args: never[]) => unknown;
export type GuestFunction = (...args: never[]) => unknown;

/** What lib.dom does not know yet: https://github.com/WebAssembly/js-promise-integration */
interface JspiNamespace {
  readonly Suspending: new (fn: HostFunction) => HostFunction;
  promising(fn: GuestFunction): (...args: readonly unknown[]) => Promise<unknown>;
}

const jspi = WebAssembly as unknown as JspiNamespace;

export const plainExecutor: Executor = {
  suspending: (fn) => new jspi.Suspending(fn),
  promising: (fn) => jspi.promising(fn),
  instantiate: (module, imports) => new WebAssembly.Instance(module, imports),
};
