import { PRESET_TEXTS } from './presets.generated.js';

/**
 * The built-in policies by name, as JSONC text with comments; `extends` takes them as `preset:NAME`. Their source is
 * policies/presets/NAME.jsonc, which scripts/generate-presets.ts embeds, so that they are there in a browser too.
 */
export const PRESETS: ReadonlyMap<string, string> = new Map(Object.entries(PRESET_TEXTS));

/** How `extends` and the command name a preset. */
export const PRESET_PREFIX = 'preset:';
