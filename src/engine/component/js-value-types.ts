import type { ResourceRef } from '../../../shims/canonical-abi/types.ts';

/** What values of one instance of a program refer to. */
export interface JsScope {
  /** @returns how the embedder sees a resource that it gets */
  resourceToJs(kind: 'own' | 'borrow', ref: ResourceRef, resource: object): object;
  /** @throws JsMismatch when it is no resource of the type, or was given away before */
  resourceFromJs(kind: 'own' | 'borrow', ref: ResourceRef, value: unknown): object;
  /** A stream or promise of the embedder's failed, for which guests have no word. */
  fail(error: unknown): void;
  /**
   * @param listener called once the instance ends, at once if it has
   * @returns forgets it
   */
  onEnd(listener: () => void): () => void;
}

/**
 * Between values (shims/canonical-abi/values.ts) and what embedders have, in jco's mapping: flags are objects of booleans, lists of
 * numbers are typed arrays, streams are async iterables and futures promises.
 *
 * @see https://bytecodealliance.github.io/jco/wit-type-representations.html
 */
export interface JsValues {
  toJs(value: unknown, scope: JsScope): unknown;
  /** @throws JsMismatch */
  fromJs(value: unknown, scope: JsScope): unknown;
}
