/** Words, versions and punctuation; comments and white space are no tokens. */
const TOKEN = /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|(%?[A-Za-z][\w-]*|\d+(?:\.\d+)*|->|[{}()<>,;:/@.=_*])/y;

/** A text of WIT, token by token. */
export class Tokens {
  readonly #tokens: readonly string[];
  #next = 0;

  constructor(text: string) {
    this.#tokens = [...tokensOf(text)];
  }

  get isAtEnd(): boolean {
    return this.#next >= this.#tokens.length;
  }

  peek(): string | undefined {
    return this.#tokens[this.#next];
  }

  take(): string {
    const token = this.peek();
    if (token === undefined) throw new SyntaxError('the text of WIT ends too early');
    this.#next++;
    return token;
  }

  /** @returns whether the next token was `token`, which is taken then */
  has(token: string): boolean {
    if (this.peek() !== token) return false;
    this.#next++;
    return true;
  }

  expect(token: string): void {
    const found = this.take();
    if (found !== token) throw new SyntaxError(`expected ${token}, found ${found} (token ${this.#next})`);
  }

  /** A name, without the `%` that keeps it from being a keyword. */
  name(): string {
    return this.take().replace(/^%/, '');
  }

  /** Items up to `close`, with a comma between them and perhaps after the last. */
  list<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    while (!this.has(close)) {
      items.push(item());
      if (!this.has(',')) {
        this.expect(close);
        break;
      }
    }
    return items;
  }

  /** Passes over `{ … }`. */
  skipBlock(): void {
    this.expect('{');
    for (let depth = 1; depth > 0; ) {
      const token = this.take();
      if (token === '{') depth++;
      if (token === '}') depth--;
    }
  }
}

function* tokensOf(text: string): Generator<string> {
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new SyntaxError(`no token of WIT: ${text.slice(start, start + 20)}`);
    if (match[1] !== undefined) yield match[1];
  }
}
