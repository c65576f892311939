// Reads what the packages of WASI use of WIT: https://github.com/WebAssembly/component-model/blob/main/design/mvp/WIT.md
import { Tokens } from './tokens.ts';
import type {
  WitCase,
  WitField,
  WitFunction,
  WitInterface,
  WitPackage,
  WitType,
  WitTypeBody,
  WitUse,
} from './syntax.ts';

/** Interfaces behind a feature gate are read like others; worlds are passed over. */
export function readWit(text: string): WitPackage {
  const tokens = new Tokens(text);
  tokens.expect('package');
  const name = readPackageName(tokens);
  tokens.expect(';');
  const interfaces: WitInterface[] = [];
  while (!tokens.isAtEnd) {
    skipGates(tokens);
    const keyword = tokens.take();
    if (keyword === 'interface') interfaces.push(new InterfaceReader(tokens, name).read());
    else if (keyword === 'world') skipWorld(tokens);
    else throw new SyntaxError(`expected an interface or a world, found ${keyword}`);
  }
  return { name, interfaces };
}

/** @returns `wasi:clocks` for `wasi:clocks@0.3.0`, and for `wasi:clocks/types@0.3.0` too; then `/` is next */
function readPackageName(tokens: Tokens): string {
  const namespace = tokens.name();
  tokens.expect(':');
  const name = `${namespace}:${tokens.name()}`;
  skipVersion(tokens);
  return name;
}

function skipVersion(tokens: Tokens): void {
  if (tokens.has('@')) tokens.take();
}

/** `@since(version = 0.3.0)`, `@unstable(feature = clocks-timezone)` */
function skipGates(tokens: Tokens): void {
  while (tokens.has('@')) {
    tokens.take();
    tokens.expect('(');
    while (!tokens.has(')')) tokens.take();
  }
}

function skipWorld(tokens: Tokens): void {
  tokens.name();
  tokens.skipBlock();
}

class InterfaceReader {
  readonly #tokens: Tokens;
  readonly #package: string;
  readonly #uses = new Map<string, WitUse>();
  readonly #types = new Map<string, WitTypeBody>();
  readonly #functions = new Map<string, WitFunction>();

  constructor(tokens: Tokens, packageName: string) {
    this.#tokens = tokens;
    this.#package = packageName;
  }

  read(): WitInterface {
    const path = `${this.#package}/${this.#tokens.name()}`;
    this.#tokens.expect('{');
    while (!this.#tokens.has('}')) {
      skipGates(this.#tokens);
      this.#readItem();
    }
    return { path, uses: this.#uses, types: this.#types, functions: this.#functions };
  }

  #readItem(): void {
    const tokens = this.#tokens;
    const word = tokens.name();
    // A function may have the name of a keyword, but a `:` follows.
    if (tokens.has(':')) {
      this.#functions.set(word, this.#readFunction());
      tokens.expect(';');
    } else if (word === 'use') this.#readUse();
    else if (word === 'resource') this.#readResource();
    else this.#types.set(tokens.name(), this.#readTypeBody(word));
  }

  /** `use wasi:clocks/types@0.3.0.{duration};`, `use types.{descriptor as file};` */
  #readUse(): void {
    const tokens = this.#tokens;
    const path = this.#readUsePath();
    tokens.expect('.');
    tokens.expect('{');
    tokens.list('}', () => {
      const name = tokens.name();
      const local = tokens.has('as') ? tokens.name() : name;
      this.#uses.set(local, { path, name });
    });
    tokens.expect(';');
  }

  #readUsePath(): string {
    const tokens = this.#tokens;
    const first = tokens.name();
    if (!tokens.has(':')) return `${this.#package}/${first}`;
    const packageName = `${first}:${tokens.name()}`;
    tokens.expect('/');
    const path = `${packageName}/${tokens.name()}`;
    skipVersion(tokens);
    return path;
  }

  #readTypeBody(kind: string): WitTypeBody {
    const tokens = this.#tokens;
    if (kind === 'type') {
      tokens.expect('=');
      const type = this.#readType();
      tokens.expect(';');
      return { kind: 'alias', type };
    }
    tokens.expect('{');
    switch (kind) {
      case 'record':
        return { kind, fields: tokens.list('}', () => this.#readField()) };
      case 'variant':
        return { kind, cases: tokens.list('}', () => this.#readCase()) };
      case 'enum':
      case 'flags':
        return { kind, names: tokens.list('}', () => tokens.name()) };
      default:
        throw new SyntaxError(`expected an item of an interface, found ${kind}`);
    }
  }

  #readField(): WitField {
    const name = this.#tokens.name();
    this.#tokens.expect(':');
    return { name, type: this.#readType() };
  }

  #readCase(): WitCase {
    const name = this.#tokens.name();
    if (!this.#tokens.has('(')) return { name };
    const type = this.#readType();
    this.#tokens.expect(')');
    return { name, type };
  }

  #readResource(): void {
    const tokens = this.#tokens;
    const resource = tokens.name();
    this.#types.set(resource, { kind: 'resource' });
    if (tokens.has(';')) return;
    tokens.expect('{');
    while (!tokens.has('}')) {
      skipGates(tokens);
      this.#readResourceItem(resource);
      tokens.expect(';');
    }
  }

  #readResourceItem(resource: string): void {
    const tokens = this.#tokens;
    const name = tokens.name();
    if (name === 'constructor') {
      const result = { name: resource, args: [] };
      this.#functions.set(`[constructor]${resource}`, { params: this.#readParams(), result, async: false });
      return;
    }
    tokens.expect(':');
    if (tokens.has('static')) {
      this.#functions.set(`[static]${resource}.${name}`, this.#readFunction());
      return;
    }
    const self: WitField = { name: 'self', type: borrowOf(resource) };
    const { params, ...rest } = this.#readFunction();
    this.#functions.set(`[method]${resource}.${name}`, { params: [self, ...params], ...rest });
  }

  #readFunction(): WitFunction {
    const tokens = this.#tokens;
    const async = tokens.has('async');
    tokens.expect('func');
    const params = this.#readParams();
    return tokens.has('->') ? { params, result: this.#readType(), async } : { params, async };
  }

  #readParams(): WitField[] {
    this.#tokens.expect('(');
    return this.#tokens.list(')', () => this.#readField());
  }

  #readType(): WitType {
    const name = this.#tokens.name();
    if (!this.#tokens.has('<')) return { name, args: [] };
    const args = this.#tokens.list('>', () => (this.#tokens.has('_') ? undefined : this.#readType()));
    return { name, args };
  }
}

function borrowOf(resource: string): WitType {
  return { name: 'borrow', args: [{ name: resource, args: [] }] };
}
