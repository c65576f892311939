import { sameType } from '../../../shims/canonical-abi/type-text.ts';
import type { FunctionType, ResourceRef } from '../../../shims/canonical-abi/types.ts';
import type { ExternShape } from './definition.ts';

/**
 * Whether what is given has everything that is wanted, of the same types: values cross from one to the other without a further
 * look. Types of values need none, because functions spell them out.
 */
export function fits(given: ExternShape, wanted: ExternShape): boolean {
  switch (wanted.sort) {
    case 'func':
      return given.sort === 'func' && sameFunction(given.type, wanted.type);
    case 'type':
      if (wanted.type.kind !== 'resource') return given.sort === 'type';
      return (
        given.sort === 'type' &&
        given.type.kind === 'resource' &&
        sameResource(given.type.ref, wanted.type.ref)
      );
    case 'instance':
      return (
        given.sort === 'instance' &&
        [...wanted.shape.exports].every(([name, each]) => {
          const found = given.shape.exports.get(name);
          return found !== undefined && fits(found, each);
        })
      );
    default:
      return given.sort === wanted.sort;
  }
}

function sameFunction(one: FunctionType, other: FunctionType): boolean {
  return (
    one.async === other.async &&
    one.params.length === other.params.length &&
    one.params.every(({ type }, index) => sameType(type, other.params[index]?.type, sameResource)) &&
    sameType(one.result, other.result, sameResource)
  );
}

/** What a resource type is counts, not what it is called. */
function sameResource(one: ResourceRef, other: ResourceRef): boolean {
  return one.slot === other.slot;
}
