/**
 * Something that belongs to the guest alone, so that it ends when the guest drops its handle. Standard streams do not: the
 * next handle of one is of the same stream.
 */
export abstract class ClosedWithHandle {
  abstract close(): void;
}
