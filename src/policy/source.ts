/** Keys and positions from the document's root to a place in it. */
export type Path = readonly (string | number)[];

/** Something wrong in one document, before its place is looked up. */
export interface Issue {
  readonly path: Path;
  /** The key at `path` is at fault, not its value. */
  readonly onKey?: boolean;
  /** Where it is in the text, when `path` alone would lead to another place. */
  readonly offset?: number;
  /** In a few words. */
  readonly what: string;
  readonly found?: string;
  readonly expected?: string;
  readonly hint?: string;
}

export type Report = (issue: Issue) => void;

/** Position in a text, all from 1 but the offset. */
export interface Position {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** One document, read: from a text or from an object. */
export interface Source {
  readonly file: string | undefined;
  /** The document as arrays and objects that inherit nothing; undefined when it could not be read at all. */
  readonly value: unknown;
  /** What was wrong already in reading it. */
  readonly issues: readonly Issue[];
  /** @returns undefined for a document that has no text. */
  locate(issue: Issue): Position | undefined;
}

/** Bytes of a text, or about as much in an object. */
export const MAX_SIZE: number = 1 << 20;

/** Arrays and objects within each other. */
export const MAX_DEPTH = 64;

/** RFC 6901. */
export function toPointer(path: Path): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The reverse of {@link toPointer}, but for array positions, which stay text. */
export function fromPointer(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}
