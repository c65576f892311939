/** Waits that may end without the event loop coming round in between. */
const WAITS_PER_TURN = 64;

/**
 * What two guests say to each other in memory wakes them in microtasks alone: for as long as they talk, no timer would fire
 * and no socket be served. So one wait in a while takes a turn of the event loop.
 */
export class Turns {
  #waits = 0;

  /** @returns a turn to wait for; undefined: go on */
  next(): Promise<void> | undefined {
    return ++this.#waits % WAITS_PER_TURN === 0 ? turn() : undefined;
  }

  /** Settles after `wait` does, now and then a turn later. */
  after(wait: Promise<void>): Promise<void> {
    return ++this.#waits % WAITS_PER_TURN === 0 ? wait.then(turn) : wait;
  }
}

/** A message to oneself is a task of the event loop on every platform, and no timer. */
function turn(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener(
    'message',
    () => {
      port1.close();
      resolve();
    },
    { once: true },
  );
  port1.start();
  port2.postMessage(undefined);
  return promise;
}
