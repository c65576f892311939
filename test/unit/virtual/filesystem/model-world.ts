import type { Operation } from './operation-rows.ts';

/** Open files and directories that a sequence of steps can have at a time. */
export const SLOTS = 3;

/** Operations on paths, and on what a slot holds. A slot that holds nothing answers `empty`. */
export type Step =
  | { readonly do: 'path'; readonly operation: Operation; readonly args: readonly string[] }
  | { readonly do: 'put'; readonly path: string; readonly text: string }
  | { readonly do: 'times'; readonly path: string; readonly seconds: number }
  | { readonly do: 'details'; readonly path: string }
  | { readonly do: 'same'; readonly path: string; readonly other: string }
  | { readonly do: 'hold'; readonly slot: number; readonly path: string; readonly how: string }
  | { readonly do: 'read'; readonly slot: number; readonly position: number; readonly length: number }
  | { readonly do: 'write'; readonly slot: number; readonly position: number; readonly text: string }
  | { readonly do: 'append'; readonly slot: number; readonly text: string }
  | { readonly do: 'resize'; readonly slot: number; readonly size: number }
  | { readonly do: 'heldTimes'; readonly slot: number; readonly seconds: number }
  | { readonly do: 'heldDetails'; readonly slot: number }
  | { readonly do: 'heldSame'; readonly slot: number; readonly path: string }
  | { readonly do: 'heldList' | 'release'; readonly slot: number }
  | {
      readonly do: 'within';
      readonly slot: number;
      readonly operation: 'mkdir' | 'rmdir' | 'unlink' | 'create';
      readonly name: string;
    };

/** A file system that steps are done to. */
export interface World {
  /** @returns what came of it, in words that do not tell the world */
  take(step: Step): string;
  /** Everything that can be seen, by path. */
  tree(): Record<string, string>;
  close(): void;
}

/** Times that steps set; all others are `now`. */
export const SECONDS: readonly number[] = [1000, 2000];

/** What is compared of a stat. The size of a directory is the file system's own affair. */
export function detailsOf(stat: {
  readonly directory: boolean;
  readonly links: number;
  readonly size: number;
  readonly seconds: number;
}): string {
  const time = SECONDS.includes(stat.seconds) ? stat.seconds : 'now';
  return `${stat.directory ? 'directory' : stat.size} links ${stat.links} ${time}`;
}
