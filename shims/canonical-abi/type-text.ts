import type { FunctionType, RecordField, ResourceRef, ValueType } from './types.ts';

/** A type of a few bytes can have a text of any length, because parts are shared: what is longer is cut off. */
const MAX_TEXT = 16_384;

/**
 * The one text of a type, as WIT writes it with everything spelled out and resources by name:
 * `async func(path: string) -> result<own<descriptor>, enum { io, pipe }>`. Two types have the same text if they are the same
 * but for which resource types the names stand for.
 */
export function typeText(type: ValueType | FunctionType): string {
  const writer = new TypeWriter();
  if ('params' in type) writer.writeFunction(type);
  else writer.write(type);
  return writer.text.length > MAX_TEXT ? `${writer.text.slice(0, MAX_TEXT)}…` : writer.text;
}

class TypeWriter {
  text = '';

  writeFunction({ params, result, async }: FunctionType): void {
    this.text += async ? 'async func(' : 'func(';
    this.#writeFields(params);
    this.text += ')';
    if (result === undefined) return;
    this.text += ' -> ';
    this.write(result);
  }

  write(type: ValueType): void {
    if (this.text.length > MAX_TEXT) return;
    switch (type.kind) {
      case 'list':
        this.#writeGeneric('list', [type.element]);
        if (type.length !== undefined) this.text = `${this.text.slice(0, -1)}, ${type.length}>`;
        return;
      case 'record':
        this.text += 'record { ';
        this.#writeFields(type.fields);
        this.text += ' }';
        return;
      case 'tuple':
        this.#writeGeneric('tuple', type.elements);
        return;
      case 'variant':
        this.text += 'variant { ';
        this.#writeEach(type.cases, ({ name, type: payload }) => {
          this.text += name;
          if (payload !== undefined) this.#writeGeneric('', [payload], '()');
        });
        this.text += ' }';
        return;
      case 'enum':
      case 'flags':
        this.text += `${type.kind} { ${type.names.join(', ')} }`;
        return;
      case 'option':
        this.#writeGeneric('option', [type.some]);
        return;
      case 'result':
        this.#writeResult(type);
        return;
      case 'own':
      case 'borrow':
        this.text += `${type.kind}<${type.resource.name}>`;
        return;
      case 'stream':
      case 'future':
        this.#writeGeneric(type.kind, type.element === undefined ? [] : [type.element]);
        return;
      default:
        this.text += type.kind;
    }
  }

  #writeResult({ ok, error }: ValueType & { readonly kind: 'result' }): void {
    if (ok !== undefined || error === undefined) {
      this.#writeGeneric(
        'result',
        [ok, error].filter((part) => part !== undefined),
      );
      return;
    }
    this.text += 'result<_, ';
    this.write(error);
    this.text += '>';
  }

  #writeGeneric(name: string, parameters: readonly ValueType[], brackets = '<>'): void {
    this.text += name;
    if (parameters.length === 0) return;
    this.text += brackets.charAt(0);
    this.#writeEach(parameters, (parameter) => this.write(parameter));
    this.text += brackets.charAt(1);
  }

  #writeFields(fields: readonly RecordField[]): void {
    this.#writeEach(fields, ({ name, type }) => {
      this.text += `${name}: `;
      this.write(type);
    });
  }

  #writeEach<T>(items: readonly T[], write: (item: T) => void): void {
    items.forEach((item, index) => {
      if (index > 0) this.text += ', ';
      write(item);
    });
  }
}

/**
 * @param sameResource whether two references stand for the same resource type; by name, if it is not given
 * @returns whether values of one type are values of the other
 */
export function sameType(
  a: ValueType | undefined,
  b: ValueType | undefined,
  sameResource: (a: ResourceRef, b: ResourceRef) => boolean = (a, b) => a.name === b.name,
): boolean {
  return new TypeComparison(sameResource).equal(a, b);
}

class TypeComparison {
  readonly #sameResource: (a: ResourceRef, b: ResourceRef) => boolean;
  /** Parts that were found the same: a type that has another a million times is not compared a million times. */
  readonly #known = new Map<ValueType, Set<ValueType>>();

  constructor(sameResource: (a: ResourceRef, b: ResourceRef) => boolean) {
    this.#sameResource = sameResource;
  }

  equal(a: ValueType | undefined, b: ValueType | undefined): boolean {
    if (a === undefined || b === undefined) return a === b;
    if (a.kind !== b.kind) return false;
    if (this.#known.get(a)?.has(b) === true) return true;
    const isSame = this.#equalParts(a, b);
    if (isSame) this.#known.set(a, (this.#known.get(a) ?? new Set()).add(b));
    return isSame;
  }

  #equalParts(a: ValueType, b: ValueType): boolean {
    switch (a.kind) {
      case 'list': {
        const other = b as typeof a;
        return a.length === other.length && this.equal(a.element, other.element);
      }
      case 'record':
        return this.#equalNamed(a.fields, (b as typeof a).fields);
      case 'variant':
        return this.#equalNamed(a.cases, (b as typeof a).cases);
      case 'tuple':
        return every(a.elements, (b as typeof a).elements, (x, y) => this.equal(x, y));
      case 'enum':
      case 'flags':
        return every(a.names, (b as typeof a).names, (x, y) => x === y);
      case 'option':
        return this.equal(a.some, (b as typeof a).some);
      case 'result': {
        const other = b as typeof a;
        return this.equal(a.ok, other.ok) && this.equal(a.error, other.error);
      }
      case 'own':
      case 'borrow':
        return this.#sameResource(a.resource, (b as typeof a).resource);
      case 'stream':
      case 'future':
        return this.equal(a.element, (b as typeof a).element);
      default:
        return true;
    }
  }

  #equalNamed(
    a: readonly { readonly name: string; readonly type?: ValueType }[],
    b: readonly { readonly name: string; readonly type?: ValueType }[],
  ): boolean {
    return every(a, b, (x, y) => x.name === y.name && this.equal(x.type, y.type));
  }
}

function every<T>(a: readonly T[], b: readonly T[], same: (x: T, y: T) => boolean): boolean {
  return a.length === b.length && a.every((item, index) => same(item, b[index] as T));
}
