/**
 * Values of the component model as JavaScript has them on the host's side:
 *
 * | WIT | JavaScript |
 * |---|---|
 * | bool; s8 to u32, f32, f64; s64, u64 | boolean; number; bigint |
 * | char, string | string |
 * | list<u8>; list<T> | Uint8Array of its own (never a view of guest memory); array |
 * | record; tuple | object with camelCase keys; array |
 * | variant; enum | {@link Variant}; the name of the case |
 * | option<T> | T or undefined; where T is an option itself, {@link Variant} with `none` and `some` |
 * | result<T, E> | {@link Result} |
 * | flags | number: bit n is the n-th flag |
 * | own, borrow | the host's object for resources of the host; {@link GuestResource} for those of a component |
 * | stream<T> | {@link StreamSource}; future<T>: {@link FutureSource} |
 */
export interface Variant<Tag extends string = string, Payload = unknown> {
  readonly tag: Tag;
  readonly val?: Payload;
}

export type Result<Ok = undefined, Err = undefined> =
  | { readonly tag: 'ok'; readonly val?: Ok }
  | { readonly tag: 'err'; readonly val: Err };

/** A resource that a component made, in the hands of somebody else. */
export interface GuestResource {
  readonly type: object;
  readonly rep: number;
}

/** How a copy between the two ends of a stream or future ended. The numbers are the Canonical ABI's. */
export const CopyResult = { completed: 0, dropped: 1, cancelled: 2 } as const;
export type CopyResult = (typeof CopyResult)[keyof typeof CopyResult];

/** Where a reader wants elements to go: memory of a guest, or the host. */
export interface TargetBuffer {
  /** Elements that it still takes. */
  readonly remain: number;
  /** It was made for 0 elements: the reader only asks whether something is there. */
  readonly isZeroLength: boolean;
  /**
   * For streams of bytes only: what `remain` bytes may be written to, at once and before any code of a guest runs; then
   * {@link advance}.
   */
  bytes(): Uint8Array;
  /** @param count bytes that were written to the start of {@link bytes} */
  advance(count: number): void;
  /** Takes at most `remain` elements, as values; of a stream of bytes, a `Uint8Array`. */
  write(elements: Uint8Array | readonly unknown[]): void;
}

/** Where a writer has its elements. */
export interface OriginBuffer {
  readonly remain: number;
  readonly isZeroLength: boolean;
  /**
   * @param count at most `remain`
   * @returns of a stream of bytes, a view that is valid until any code of a guest runs; else values
   */
  read(count: number): Uint8Array | readonly unknown[];
}

/** Who copies hears of it through this. */
export interface CopyCallbacks {
  /**
   * Elements were copied, and more may be until the receiver of the event calls `reclaim`. Never called by futures.
   *
   * @param reclaim takes the buffer back from the stream
   */
  onCopy(reclaim: () => void): void;
  /** The copy has ended; the buffer is the caller's again. */
  onDone(result: CopyResult): void;
}

/**
 * What the readable end of a stream reads from: another component, or the host. The value of a `stream<T>`.
 *
 * @see definitions.py of the Canonical ABI, `ReadableStream`
 */
export interface StreamSource {
  /** At most one read is under way. `callbacks` may be called before this returns, or later; never after `cancel` or `drop`. */
  read(buffer: TargetBuffer, reader: object, callbacks: CopyCallbacks): void;
  /** Ends the read that is under way: `onDone(cancelled)` is called before this returns. */
  cancel(): void;
  /** Nobody reads any more. Whatever is behind is released. */
  drop(): void;
}

/** The value of a `future<T>`. One element is read at most; then it is used up, but still has to be dropped. */
export interface FutureSource {
  read(buffer: TargetBuffer, reader: object, onDone: (result: CopyResult) => void): void;
  cancel(): void;
  drop(): void;
}
