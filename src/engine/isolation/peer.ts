import { fromWire, toWire, type WireError } from './wire-errors.ts';

/** What one side of a wall offers to the other, by name. Arguments and results are what structured clone takes. */
export type Offer = Readonly<Record<string, (...args: never[]) => unknown>>;

/** What travels between the two sides. */
export type Message =
  /** @property id 0: nobody waits for an answer */
  | {
      readonly kind: 'request';
      readonly id: number;
      readonly name: string;
      readonly args: readonly unknown[];
    }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: WireError };

/** One side of a wall: calls what the other side offers, and answers what it is asked. */
export class Peer<Theirs> {
  readonly #post: (message: Message) => void;
  readonly #ours: Offer;
  readonly #onIdle: () => void;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #next = 1;
  #gone: Error | undefined;

  /** @param onIdle called when nobody waits for an answer any more */
  constructor(post: (message: Message) => void, ours: Offer, onIdle: () => void = () => undefined) {
    this.#post = post;
    this.#ours = ours;
    this.#onIdle = onIdle;
  }

  /** Nobody waits for an answer. */
  get isIdle(): boolean {
    return this.#waiting.size === 0;
  }

  /** @throws what the other side throws, what cannot be sent, or why it is gone */
  async request<K extends keyof Theirs & string>(
    name: K,
    ...args: Theirs[K] extends (...args: infer A) => unknown ? A : never
  ): Promise<Theirs[K] extends (...args: never[]) => infer R ? Awaited<R> : never> {
    if (this.#gone !== undefined) throw this.#gone;
    const id = this.#next++;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    try {
      this.#post({ kind: 'request', id, name, args });
    } catch (error) {
      this.#waiting.delete(id);
      throw error;
    }
    return (await waiting.promise) as Theirs[K] extends (...args: never[]) => infer R ? Awaited<R> : never;
  }

  /** The same without an answer; nobody learns when it fails. */
  tell<K extends keyof Theirs & string>(
    name: K,
    ...args: Theirs[K] extends (...args: infer A) => unknown ? A : never
  ): void {
    if (this.#gone === undefined) this.#post({ kind: 'request', id: 0, name, args });
  }

  receive(message: Message): void {
    if (message.kind === 'request') {
      void this.#serve(message);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (this.isIdle) this.#onIdle();
    if (message.kind === 'answer') waiting?.resolve(message.value);
    else waiting?.reject(fromWire(message.error));
  }

  /** The other side is gone: whoever waits for it is told why, and so is everybody who comes. */
  end(reason: Error): void {
    this.#gone ??= reason;
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }

  async #serve({ id, name, args }: Message & { readonly kind: 'request' }): Promise<void> {
    try {
      const offered = Object.hasOwn(this.#ours, name) ? this.#ours[name] : undefined;
      if (offered === undefined) throw new TypeError(`nothing is called ${JSON.stringify(name)}`);
      const value: unknown = await (offered as (...args: readonly unknown[]) => unknown)(...args);
      if (id !== 0) this.#post({ kind: 'answer', id, value });
    } catch (error) {
      if (id !== 0 && this.#gone === undefined) this.#post({ kind: 'failure', id, error: toWire(error) });
    }
  }
}
