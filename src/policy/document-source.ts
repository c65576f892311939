import { bareObject } from './bare.ts';
import { MAX_DEPTH, MAX_SIZE } from './source.ts';
import type { Issue, Path, Report, Source } from './source.ts';
import { checkKey, checkString } from './strings.ts';
import { quote, show } from './text.ts';

/**
 * Copies a policy that was given as an object: every property is read once, so that what was checked is what counts,
 * whatever getters or proxies the object is made of.
 */
export function readDocument(document: unknown, file: string | undefined): Source {
  const issues: Issue[] = [];
  const reader = new DocumentReader((issue) => void issues.push(issue));
  const value = reader.read(document, []);
  return { file, value: reader.isTooLarge ? undefined : value, issues, locate: () => undefined };
}

class DocumentReader {
  readonly #report: Report;
  #size = 0;

  constructor(report: Report) {
    this.#report = report;
  }

  get isTooLarge(): boolean {
    return this.#size > MAX_SIZE;
  }

  read(value: unknown, path: Path): unknown {
    if (!this.#count(typeof value === 'string' ? value.length + 1 : 1)) return null;
    switch (typeof value) {
      case 'string':
        checkString(value, path, this.#report);
        return value;
      case 'number':
      case 'boolean':
        return value;
      case 'object':
        return value === null ? null : this.#container(value, path);
      default:
        return this.#refuse(value, path);
    }
  }

  #container(value: object, path: Path): unknown {
    if (path.length >= MAX_DEPTH) {
      const expected = `at most ${MAX_DEPTH} arrays and objects within each other`;
      this.#report({ path, what: 'nested too deep', expected });
      return null;
    }
    if (Array.isArray(value)) {
      // Positions, not iteration: an array may come with an iterator of its own.
      const { length } = value;
      if (length > MAX_SIZE) this.#count(length);
      const items: unknown[] = [];
      for (let i = 0; i < length && !this.isTooLarge; i++) items.push(this.read(value[i], [...path, i]));
      return items;
    }
    return isPlain(value) ? this.#object(value, path) : this.#refuse(value, path);
  }

  #object(value: object, path: Path): unknown {
    const copy = bareObject();
    for (const key of Reflect.ownKeys(value)) {
      if (typeof key === 'symbol') {
        this.#report({ path, what: 'a symbol is no key', found: quote(String(key)) });
        continue;
      }
      if (!this.#count(key.length)) break;
      if (!checkKey(key, path, this.#report)) continue;
      copy[key] = this.read(Reflect.get(value, key), [...path, key]);
    }
    return copy;
  }

  /** Undefined too: a bound that is computed and comes out undefined must not turn into no bound. */
  #refuse(value: unknown, path: Path): null {
    const found =
      typeof value === 'object'
        ? 'an object of a class'
        : typeof value === 'function'
          ? 'a function'
          : show(value);
    const hint = value === undefined ? 'leave the key out' : undefined;
    this.#report({
      path,
      what: 'not JSON',
      found,
      expected: 'a JSON value',
      ...(hint === undefined ? {} : { hint }),
    });
    return null;
  }

  #count(size: number): boolean {
    if (this.isTooLarge) return false;
    this.#size += size;
    if (!this.isTooLarge) return true;
    this.#report({
      path: [],
      what: 'the policy is too large',
      expected: `at most ${MAX_SIZE} characters and values`,
    });
    return false;
  }
}

/** Also for objects of another realm, whose Object.prototype is not ours. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
