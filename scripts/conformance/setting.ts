export const VOLUMES = ['host', 'memory', 'overlay'] as const;
export const WASI_VERSIONS = ['0.1', '0.2', '0.3'] as const;

/** Under what the tests run. */
export interface Setting {
  readonly volume: (typeof VOLUMES)[number];
  readonly wasi: (typeof WASI_VERSIONS)[number];
  /** The path of the command's JavaScript. */
  readonly command: string;
}
