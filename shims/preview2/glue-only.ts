import type { Lowerings } from './abi/lowering.ts';
import { fieldsBounds } from './http/fields.ts';
import { outgoingHandler } from './http/outgoing-handler.ts';
import { httpTypes } from './http/types.ts';
import type { Bindings } from './plain/resource.ts';

/** An interface in plain form. */
export interface GlueOnlyInterface {
  /** In jco's spelling; each takes the bindings of its instance first. */
  readonly functions: Readonly<Record<string, (bindings: Bindings, ...args: never[]) => unknown>>;
  /** Classes of which no instance is ever made. Those with instances are in plain/classes.ts. */
  readonly classes: Readonly<Record<string, new () => object>>;
  /** Not for speed: they bound what is copied out of a guest. */
  readonly lowerings: Lowerings;
}

/**
 * The package wasi:http, by interface without its version. It is served through jco's glue alone: every request is denied,
 * so nothing in it is hot, and a component that imports it gets no link plan.
 */
export const GLUE_ONLY: ReadonlyMap<string, GlueOnlyInterface> = new Map([
  entry('wasi:http/outgoing-handler', { ...outgoingHandler }),
  entry('wasi:http/types', { ...httpTypes }, {}, fieldsBounds),
]);

function entry(
  name: string,
  functions: GlueOnlyInterface['functions'],
  classes: GlueOnlyInterface['classes'] = {},
  lowerings: Lowerings = {},
): [string, GlueOnlyInterface] {
  return [name, { functions, classes, lowerings }];
}
