import type { DescriptorPlace } from './host-volume-place.ts';

/**
 * The directory that the kernel told about last, of all volumes of the thread. For a moment its place is not asked for
 * again: the question costs as much as what is done in the directory.
 *
 * No guest comes further by it than by an open directory, which goes along wherever it is moved: this one did lie there
 * under these names, less than the volume's time ago. Nor does a guest learn of a change and then miss it: whatever tells
 * it something new from the host ends the trust. That is any event of the loop (before its callbacks, microtasks run),
 * any use of another directory, and any look into an open file. So do renaming and removing through a volume.
 */
let place: DescriptorPlace | undefined;
let start: DescriptorPlace | undefined;
let names = '';
let until = 0;
let endsWithTurn = false;

/** @returns the directory that `path` led to from `base`, if that was asked just now */
export function trusted(base: DescriptorPlace, path: string): DescriptorPlace | undefined {
  if (place === undefined || base !== start || path !== names) return undefined;
  if (performance.now() >= until) distrust();
  return place;
}

/** Notes what the kernel has just told. @param milliseconds how long it is taken for true; 0: not at all */
export function trust(
  base: DescriptorPlace,
  path: string,
  found: DescriptorPlace,
  milliseconds: number,
): void {
  if (milliseconds === 0) return;
  place = found;
  start = base;
  names = path;
  until = performance.now() + milliseconds;
  if (endsWithTurn) return;
  endsWithTurn = true;
  queueMicrotask(endTurn);
}

export function distrust(): void {
  place = start = undefined;
}

/** @param used a directory that something is done in: only in the trusted one itself it tells nothing of others */
export function distrustOther(used: unknown): void {
  if (place !== used) distrust();
}

function endTurn(): void {
  endsWithTurn = false;
  distrust();
}
