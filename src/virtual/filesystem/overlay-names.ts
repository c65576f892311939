/**
 * Names that mean something in a layer, as in the OCI image layer specification ("Whiteouts"): `.wh.NAME` says that
 * NAME of the layer below is gone, `.wh..wh..opq` in a directory that nothing of the layer below is in it. Both are
 * empty regular files, so that any volume can hold them.
 */
const PREFIX = '.wh.';

export const OPAQUE = '.wh..wh..opq';

/** What is not yet, or not any more, in the layer. Names that start like this are left out by readers of layers. */
const TEMPORARY = '.wh..wh.tmp.';

const DOT = 46;

/** @returns whether a guest must never see or make the name. */
export function isReserved(name: string): boolean {
  return name.charCodeAt(0) === DOT && name.startsWith(PREFIX);
}

export function whiteoutOf(name: string): string {
  return PREFIX + name;
}

/** @returns the name that a whiteout hides; undefined when `name` is no whiteout */
export function hiddenBy(name: string): string | undefined {
  if (!isReserved(name) || name.startsWith(PREFIX, PREFIX.length)) return undefined;
  return name.slice(PREFIX.length);
}

export function temporaryName(count: number): string {
  return TEMPORARY + count;
}

export function isTemporary(name: string): boolean {
  return name.startsWith(TEMPORARY);
}
