import type { FunctionType, RecordField, ValueType } from '../../../shims/canonical-abi/types.ts';
import type { ExternShape } from './definition.ts';
import { partsOf, type TypeWork } from './type-extent.ts';

/**
 * Whether what is given has everything that is wanted, of the same types: values cross from one to the other without a further
 * look. Resources are what they are, not what they are called. Types of values need no look, because functions spell them out.
 */
export function fits(given: ExternShape, wanted: ExternShape, work: TypeWork): boolean {
  return new Fitting(work).extern(given, wanted);
}

class Fitting {
  readonly #work: TypeWork;
  /** Parts that were found the same: a type that has another a million times is not compared a million times. */
  readonly #same = new Map<ValueType, Set<ValueType>>();

  constructor(work: TypeWork) {
    this.#work = work;
  }

  extern(given: ExternShape, wanted: ExternShape): boolean {
    this.#work.spend(1);
    if (given.sort === 'func') return wanted.sort === 'func' && this.#function(given.type, wanted.type);
    if (given.sort === 'type') {
      if (wanted.sort !== 'type' || given.type.kind !== wanted.type.kind) return false;
      return (
        given.type.kind !== 'resource' ||
        wanted.type.kind !== 'resource' ||
        given.type.ref.slot === wanted.type.ref.slot
      );
    }
    if (given.sort !== 'instance' || wanted.sort !== 'instance') return given.sort === wanted.sort;
    return [...wanted.shape.exports].every(([name, each]) => {
      const found = given.shape.exports.get(name);
      return found !== undefined && this.extern(found, each);
    });
  }

  #function(given: FunctionType, wanted: FunctionType): boolean {
    this.#work.spend(given.params.length);
    return (
      given.async === wanted.async &&
      this.#fields(given.params, wanted.params) &&
      this.#optional(given.result, wanted.result)
    );
  }

  #value(given: ValueType, wanted: ValueType): boolean {
    if (given === wanted) return true;
    if (given.kind !== wanted.kind) return false;
    const known = this.#same.get(given) ?? new Set();
    if (known.has(wanted)) return true;
    this.#work.spend(1 + partsOf(given).length);
    if (!this.#parts(given, wanted)) return false;
    this.#same.set(given, known.add(wanted));
    return true;
  }

  #parts(given: ValueType, wanted: ValueType): boolean {
    switch (given.kind) {
      case 'list': {
        const { element, length } = wanted as typeof given;
        return given.length === length && this.#value(given.element, element);
      }
      case 'record':
        return this.#fields(given.fields, (wanted as typeof given).fields);
      case 'tuple':
        return every(given.elements, (wanted as typeof given).elements, (a, b) => this.#value(a, b));
      case 'variant':
        return every(
          given.cases,
          (wanted as typeof given).cases,
          (a, b) => a.name === b.name && this.#optional(a.type, b.type),
        );
      case 'enum':
      case 'flags':
        return every(given.names, (wanted as typeof given).names, (a, b) => a === b);
      case 'option':
        return this.#value(given.some, (wanted as typeof given).some);
      case 'result': {
        const { ok, error } = wanted as typeof given;
        return this.#optional(given.ok, ok) && this.#optional(given.error, error);
      }
      case 'own':
      case 'borrow':
        return given.resource.slot === (wanted as typeof given).resource.slot;
      case 'stream':
      case 'future':
        return this.#optional(given.element, (wanted as typeof given).element);
      default:
        return true;
    }
  }

  #fields(given: readonly RecordField[], wanted: readonly RecordField[]): boolean {
    return every(given, wanted, (a, b) => a.name === b.name && this.#value(a.type, b.type));
  }

  #optional(given: ValueType | undefined, wanted: ValueType | undefined): boolean {
    if (given === undefined || wanted === undefined) return given === wanted;
    return this.#value(given, wanted);
  }
}

function every<T>(a: readonly T[], b: readonly T[], same: (a: T, b: T) => boolean): boolean {
  return a.length === b.length && a.every((item, index) => same(item, b[index] as T));
}
