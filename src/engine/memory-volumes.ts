import type { MemoryVolume, MemoryVolumeOptions } from '../virtual/filesystem/memory-volume.ts';

let Loaded: typeof MemoryVolume | undefined;

/** memfs takes over 10 ms to load: only programs with a policy that has a memory mount pay for it. */
export async function loadMemoryVolumes(): Promise<void> {
  Loaded ??= (await import('../virtual/filesystem/memory-volume.ts')).MemoryVolume;
}

/** After {@link loadMemoryVolumes} only. */
export function makeMemoryVolume(options: MemoryVolumeOptions): MemoryVolume {
  if (Loaded === undefined) throw new TypeError('memory volumes are not loaded');
  return new Loaded(options);
}
