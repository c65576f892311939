import type { Grant } from '../../kernel/grant.ts';
import type { Volume } from './volume.ts';

/** A volume at a guest path under one rule. A path belongs to the mount with the longest matching guest path. */
export interface Mount {
  /** Absolute guest path: `/`, `/data`; components separated by single slashes, none at the end. */
  readonly path: string;
  readonly grant: Grant;
  readonly volume: Volume;
}
