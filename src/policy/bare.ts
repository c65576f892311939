/** An object for keys of unknown origin: it inherits nothing. */
export type BareObject = Record<string, unknown>;

/**
 * Makes what `Object.create(null)` makes, but for a prototype that is empty in place of none: the engine keeps those
 * objects in its fast form, which checks a policy in half the time.
 */
export function bareObject(): BareObject {
  return new Bare();
}

const Bare = function (): void {} as unknown as new () => BareObject;
Bare.prototype = Object.freeze(Object.create(null) as object);
