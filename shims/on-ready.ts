interface Waitable {
  wait(): Promise<void> | undefined;
}

/**
 * Callbacks by the promise that they wait for. A stream may answer one promise to many waits: a callback that nobody
 * needs any more must not stay with it, or a guest that polls a silent stream in a loop fills the host's memory.
 */
const waiting = new WeakMap<Promise<void>, Set<() => void>>();

/**
 * Calls back once `stream` is ready, at once if it is.
 *
 * @returns a function that forgets `callback`
 */
export function onReady(stream: Waitable, callback: () => void): () => void {
  const promise = stream.wait();
  if (promise === undefined) {
    callback();
    return () => undefined;
  }
  let callbacks = waiting.get(promise);
  if (callbacks === undefined) {
    const set = new Set<() => void>();
    callbacks = set;
    waiting.set(promise, set);
    void promise.then(() => {
      for (const each of set) each();
      return set.clear();
    });
  }
  callbacks.add(callback);
  return () => void callbacks.delete(callback);
}
