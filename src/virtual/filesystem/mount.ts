import type { Grant } from '../../kernel/grant.ts';
import type { PathMatcher } from '../../kernel/path-matcher.ts';
import type { Slots } from './slots.ts';
import { MAX_NAME_BYTES, MAX_PATH_BYTES } from './path.ts';
import type { ShowTimes } from './timestamps.ts';
import type { Traffic } from './traffic.ts';
import type { Volume } from './volume.ts';

/** What a rule says beside the access words. Absent means unbounded. */
export interface MountRules {
  /** What `paths` and `except` leave; undefined: everything is granted. */
  readonly paths: PathMatcher | undefined;
  /** What they leave out looks absent. */
  readonly conceal: boolean;
  /** Bytes of UTF-8 of a name, and of the path of one call. */
  readonly nameBytes: number;
  readonly pathBytes: number;
  /** Names from the mount down to something new. */
  readonly depth: number;
  /** Open files and directories. */
  readonly descriptors: Slots | undefined;
  /** Bytes read and written. */
  readonly traffic: Traffic | undefined;
  /** Turns the times of a file into what the guest sees of them. */
  readonly showTimes: ShowTimes | undefined;
}

const NO_RULES: MountRules = {
  paths: undefined,
  conceal: false,
  nameBytes: MAX_NAME_BYTES,
  pathBytes: MAX_PATH_BYTES,
  depth: Infinity,
  descriptors: undefined,
  traffic: undefined,
  showTimes: undefined,
};

/** A volume at a guest path under one rule. A path belongs to the mount with the longest matching guest path. */
export class Mount {
  /** Absolute guest path: `/`, `/data`; components separated by single slashes, none at the end. */
  readonly path: string;
  readonly grant: Grant;
  readonly volume: Volume;
  readonly rules: MountRules;

  constructor(path: string, grant: Grant, volume: Volume, rules: Partial<MountRules> = {}) {
    this.path = path;
    this.grant = grant;
    this.volume = volume;
    this.rules = { ...NO_RULES, ...rules };
  }
}
