import { typeText } from '../../../shims/canonical-abi/type-text.ts';
import type { FunctionType } from '../../../shims/canonical-abi/types.ts';
import type { ExternShape } from './definition.ts';
import { Substitution } from './substitute.ts';

/** @returns the text of a type in which resources are what they are, not what they are called */
export function identityText(type: FunctionType): string {
  return typeText(new Substitution(({ slot }) => ({ slot, name: `#${slot}` })).function(type));
}

/**
 * Whether what is given has everything that is wanted, of the same types: values cross from one to the other without a further
 * look. Types of values need no look, because functions spell them out.
 */
export function fits(given: ExternShape, wanted: ExternShape): boolean {
  if (given.sort === 'func')
    return wanted.sort === 'func' && identityText(given.type) === identityText(wanted.type);
  if (given.sort === 'type') {
    if (wanted.sort !== 'type' || (wanted.type.kind === 'resource') !== (given.type.kind === 'resource'))
      return false;
    return (
      wanted.type.kind !== 'resource' ||
      given.type.kind !== 'resource' ||
      wanted.type.ref.slot === given.type.ref.slot
    );
  }
  if (given.sort !== 'instance' || wanted.sort !== 'instance') return given.sort === wanted.sort;
  return [...wanted.shape.exports].every(([name, each]) => {
    const found = given.shape.exports.get(name);
    return found !== undefined && fits(found, each);
  });
}
