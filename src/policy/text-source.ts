import { parseTree, printParseErrorCode } from 'jsonc-parser';
import type { Node, ParseError } from 'jsonc-parser';
import { bareObject } from './bare.ts';
import { findTooDeep } from './depth.ts';
import { MAX_DEPTH, MAX_SIZE } from './source.ts';
import type { Issue, Position, Report, Source } from './source.ts';
import { checkKey, checkString } from './strings.ts';
import { quote } from './text.ts';

/** Reads JSON with comments and trailing commas. */
export function readText(text: string, file: string | undefined): Source {
  const content = text.startsWith('\ufeff') ? text.slice(1) : text;
  const issues: Issue[] = [];
  const report: Report = (issue) => void issues.push(issue);
  const root = checkSize(content, report) && checkDepth(content, report) ? parse(content, report) : undefined;
  const value = root === undefined ? undefined : new TreeReader(report).read(root);
  let locator: Locator | undefined;
  return { file, value, issues, locate: (issue) => (locator ??= new Locator(content, root)).locate(issue) };
}

function checkSize(text: string, report: Report): boolean {
  // A UTF-16 code unit becomes at most three bytes.
  if (text.length * 3 <= MAX_SIZE || new TextEncoder().encode(text).length <= MAX_SIZE) return true;
  report({ path: [], offset: 0, what: 'the text is too large', expected: `at most ${MAX_SIZE} bytes` });
  return false;
}

function checkDepth(text: string, report: Report): boolean {
  const offset = findTooDeep(text);
  if (offset === -1) return true;
  const expected = `at most ${MAX_DEPTH} arrays and objects within each other`;
  report({ path: [], offset, what: 'nested too deep', expected });
  return false;
}

/** @returns undefined when the text is not JSON: what its parts mean would be guesswork. */
function parse(text: string, report: Report): Node | undefined {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  let end = -1;
  for (const { error, offset, length } of errors) {
    // The parser answers one wrong token with several errors, there and at the next one; the first one says it.
    const isNew = end === -1 || text.slice(end, offset).trim() !== '';
    end = Math.max(end, offset + length);
    if (isNew) report(syntaxIssue(printParseErrorCode(error), text, offset, length));
  }
  return errors.length === 0 ? root : undefined;
}

const SYNTAX: ReadonlyMap<string, string> = new Map([
  ['InvalidSymbol', 'a JSON value'],
  ['PropertyNameExpected', 'a key in double quotes'],
  ['ValueExpected', 'a value'],
  ['ColonExpected', 'a colon'],
  ['CommaExpected', 'a comma'],
  ['CloseBraceExpected', '`}`'],
  ['CloseBracketExpected', '`]`'],
  ['EndOfFileExpected', 'the end of the text'],
  ['InvalidCommentToken', 'a comment that starts with `//` or `/*`'],
  ['UnexpectedEndOfComment', 'a comment that ends with `*/`'],
  ['UnexpectedEndOfString', 'a string that ends with `"` on the same line'],
  ['UnexpectedEndOfNumber', 'digits'],
  ['InvalidUnicode', 'four hexadecimal digits after `\\u`'],
  ['InvalidEscapeCharacter', 'a JSON escape such as `\\n`, `\\\\` or `\\u0041`'],
  ['InvalidCharacter', 'a string without control characters'],
]);

function syntaxIssue(name: string, text: string, offset: number, length: number): Issue {
  const token = text.slice(offset, offset + length);
  const found =
    offset >= text.length ? 'the end of the text' : quote(token === '' ? text.charAt(offset) : token);
  const hint =
    name === 'InvalidSymbol' && token.startsWith("'") ? 'strings stand in double quotes' : undefined;
  const expected = SYNTAX.get(name) ?? 'JSON';
  return { path: [], offset, what: 'not JSON', found, expected, ...(hint === undefined ? {} : { hint }) };
}

/** Turns the tree into values. Its depth is bounded by what was checked before. */
class TreeReader {
  readonly #report: Report;
  readonly #path: (string | number)[] = [];

  constructor(report: Report) {
    this.#report = report;
  }

  read(node: Node): unknown {
    switch (node.type) {
      case 'object':
        return this.#object(node);
      case 'array':
        return (node.children ?? []).map((child, index) => this.#child(index, child));
      case 'string': {
        const text = node.value as string;
        checkString(text, this.#path, this.#report);
        return text;
      }
      default:
        return node.value;
    }
  }

  #object(node: Node): object {
    const object = bareObject();
    for (const { children } of node.children ?? []) {
      const [keyNode, valueNode] = children ?? [];
      if (keyNode === undefined || valueNode === undefined) continue;
      const key = keyNode.value as string;
      if (key in object) {
        const path = [...this.#path, key];
        this.#report({ path, offset: keyNode.offset, what: 'duplicate key', found: quote(key) });
        continue;
      }
      if (checkKey(key, this.#path, this.#report)) object[key] = this.#child(key, valueNode);
    }
    return object;
  }

  #child(key: string | number, node: Node): unknown {
    this.#path.push(key);
    const value = this.read(node);
    this.#path.pop();
    return value;
  }
}

/** Finds places in the text; made when the first one is asked for. */
class Locator {
  readonly #root: Node | undefined;
  /** Offset of each line's first character. Lines end with LF, CR or both. */
  readonly #lines: number[] = [0];

  constructor(text: string, root: Node | undefined) {
    this.#root = root;
    for (let i = 0; i < text.length; i++) {
      const character = text[i];
      if (character === '\n' || (character === '\r' && text[i + 1] !== '\n')) this.#lines.push(i + 1);
    }
  }

  locate(issue: Issue): Position {
    const offset = issue.offset ?? (this.#root === undefined ? 0 : nodeFor(this.#root, issue).offset);
    let low = 0;
    let high = this.#lines.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#lines[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { offset, line: low + 1, column: offset - (this.#lines[low] ?? 0) + 1 };
  }
}

/** The nearest node that exists: a key that is missing is reported where its object is. */
function nodeFor(root: Node, { path, onKey }: Issue): Node {
  let node = root;
  let key: Node | undefined;
  for (const step of path) {
    const [stepKey, next] = childOf(node, step);
    if (next === undefined) return node;
    key = stepKey;
    node = next;
  }
  return onKey === true && key !== undefined ? key : node;
}

/** A position in an array may come as text, from a JSON pointer. */
function childOf(
  node: Node,
  step: string | number,
): readonly [key: Node | undefined, value: Node | undefined] {
  if (node.type === 'array') return [undefined, node.children?.[Number(step)]];
  const property = node.children?.find(({ children }) => children?.[0]?.value === step);
  return [property?.children?.[0], property?.children?.[1]];
}
