/** What `scripts/wit/reader.ts` reads of WIT: interfaces of one package, with names as they are written. */
export interface WitPackage {
  /** `wasi:filesystem`, without the version. */
  readonly name: string;
  readonly interfaces: readonly WitInterface[];
}

export interface WitInterface {
  /** `wasi:filesystem/types` */
  readonly path: string;
  readonly uses: ReadonlyMap<string, WitUse>;
  readonly types: ReadonlyMap<string, WitTypeBody>;
  /** By their names in a component: `[method]descriptor.stat-at`. */
  readonly functions: ReadonlyMap<string, WitFunction>;
}

/** Where a name of another interface comes from. */
export interface WitUse {
  readonly path: string;
  readonly name: string;
}

export interface WitField {
  readonly name: string;
  readonly type: WitType;
}

export interface WitCase {
  readonly name: string;
  readonly type?: WitType;
}

export type WitTypeBody =
  | { readonly kind: 'alias'; readonly type: WitType }
  | { readonly kind: 'record'; readonly fields: readonly WitField[] }
  | { readonly kind: 'variant'; readonly cases: readonly WitCase[] }
  | { readonly kind: 'enum' | 'flags'; readonly names: readonly string[] }
  | { readonly kind: 'resource' };

/** `u8`, `descriptor`, `result<_, error-code>`: an argument that is `_` is undefined. */
export interface WitType {
  readonly name: string;
  readonly args: readonly (WitType | undefined)[];
}

export interface WitFunction {
  readonly params: readonly WitField[];
  readonly result?: WitType;
  readonly async: boolean;
}
