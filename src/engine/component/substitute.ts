import type { FunctionType, ResourceRef, ValueType } from '../../../shims/canonical-abi/types.ts';
import type { ExternShape, InstanceShape, TypeDefinition } from './definition.ts';
import { copyExtent, partsOf, type TypeWork } from './type-extent.ts';

/**
 * Types with other resource types in the place of their own: what an instance type says of one instance, or what an inner
 * component says of itself, in the words of the component that has it. Parts that have no resources stay the same nodes; what
 * is shared stays shared.
 */
export class Substitution {
  readonly #replace: (ref: ResourceRef) => ResourceRef;
  readonly #work: TypeWork | undefined;
  readonly #types = new Map<ValueType, ValueType>();
  readonly #functions = new Map<FunctionType, FunctionType>();
  readonly #shapes = new Map<InstanceShape, InstanceShape>();

  /**
   * @param replace gives the same for the same; its argument where nothing takes its place
   * @param work of the program, while it is read
   */
  constructor(replace: (ref: ResourceRef) => ResourceRef, work?: TypeWork) {
    this.#replace = replace;
    this.#work = work;
  }

  instance(shape: InstanceShape): InstanceShape {
    return remembered(this.#shapes, shape, () => {
      this.#work?.spend(1 + shape.exports.size);
      return { exports: new Map([...shape.exports].map(([name, each]) => [name, this.extern(each)])) };
    });
  }

  extern(shape: ExternShape): ExternShape {
    switch (shape.sort) {
      case 'func':
        return { sort: 'func', type: this.function(shape.type) };
      case 'instance':
        return { sort: 'instance', shape: this.instance(shape.shape) };
      case 'type':
        return { sort: 'type', type: this.definition(shape.type) };
      default:
        return shape;
    }
  }

  definition(type: TypeDefinition): TypeDefinition {
    switch (type.kind) {
      case 'value':
        return { kind: 'value', type: this.value(type.type) };
      case 'func':
        return { kind: 'func', type: this.function(type.type) };
      case 'resource':
        return { kind: 'resource', ref: this.#replace(type.ref) };
      case 'instance':
        return { ...type, shape: this.instance(type.shape) };
      default:
        return type;
    }
  }

  function(type: FunctionType): FunctionType {
    return remembered(this.#functions, type, () => {
      this.#work?.spend(1 + type.params.length);
      const params = type.params.map(({ name, type: param }) => ({ name, type: this.value(param) }));
      const same = params.every((param, index) => param.type === type.params[index]?.type);
      const result = type.result && this.value(type.result);
      if (same && result === type.result) return type;
      return { params, async: type.async, ...(result && { result }) };
    });
  }

  value(type: ValueType): ValueType {
    return remembered(this.#types, type, () => {
      this.#work?.spend(1 + partsOf(type).length);
      const made = this.#value(type);
      if (made !== type) copyExtent(type, made);
      return made;
    });
  }

  #value(type: ValueType): ValueType {
    switch (type.kind) {
      case 'list': {
        const element = this.value(type.element);
        return element === type.element ? type : { ...type, element };
      }
      case 'record': {
        const fields = type.fields.map((field) => ({ name: field.name, type: this.value(field.type) }));
        return fields.every((field, i) => field.type === type.fields[i]?.type)
          ? type
          : { kind: 'record', fields };
      }
      case 'tuple': {
        const elements = type.elements.map((element) => this.value(element));
        return elements.every((element, i) => element === type.elements[i])
          ? type
          : { kind: 'tuple', elements };
      }
      case 'variant': {
        const cases = type.cases.map((each) => {
          return each.type === undefined ? each : { name: each.name, type: this.value(each.type) };
        });
        return cases.every((each, i) => each.type === type.cases[i]?.type)
          ? type
          : { kind: 'variant', cases };
      }
      case 'option': {
        const some = this.value(type.some);
        return some === type.some ? type : { kind: 'option', some };
      }
      case 'result': {
        const ok = type.ok && this.value(type.ok);
        const error = type.error && this.value(type.error);
        if (ok === type.ok && error === type.error) return type;
        return { kind: 'result', ...(ok && { ok }), ...(error && { error }) };
      }
      case 'own':
      case 'borrow': {
        const resource = this.#replace(type.resource);
        return resource === type.resource ? type : { kind: type.kind, resource };
      }
      case 'stream':
      case 'future': {
        const element = type.element && this.value(type.element);
        return element === type.element || element === undefined ? type : { kind: type.kind, element };
      }
      default:
        return type;
    }
  }
}

function remembered<T>(known: Map<T, T>, key: T, make: () => T): T {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}
