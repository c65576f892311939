import { trap } from '../abi/trap.ts';

/** What a component must find of a resource type of which no handle can exist, in jco's spelling. */
export interface UnreachableMembers {
  readonly methods: readonly string[];
  readonly statics?: readonly string[];
}

const LOWER: unique symbol = Symbol.for('cabiLower');

/**
 * A class for linking only. A handle that a guest makes up traps; so does a constructor, which needs none.
 *
 * The functions are lowered as well, because the glue would copy all arguments out of the guest before it called a plain
 * one: a list of overlapping lists is a few bytes in the guest, and fills the host's memory.
 */
export function unreachableClass(
  name: string,
  { methods, statics = [] }: UnreachableMembers,
): new () => object {
  const refuse = (): never => trap(`there is no ${name}: no network is granted`);
  const unreachable = (): (() => never) => Object.assign(() => refuse(), { [LOWER]: () => refuse });
  const made = class {
    constructor() {
      refuse();
    }
    static [LOWER](): () => never {
      return refuse;
    }
  };
  const members = (names: readonly string[]): object =>
    Object.fromEntries(names.map((each) => [each, unreachable()]));
  Object.assign(made.prototype, members(methods));
  return Object.assign(made, members(statics));
}
