/** The cases of `method` but for `other`, in WIT's order. */
export const METHODS = [
  'get',
  'head',
  'post',
  'put',
  'delete',
  'connect',
  'options',
  'trace',
  'patch',
] as const;

export type Method =
  | { readonly tag: (typeof METHODS)[number] }
  | { readonly tag: 'other'; readonly val: string };

export type Scheme = { readonly tag: 'HTTP' | 'HTTPS' } | { readonly tag: 'other'; readonly val: string };

/** The cases of `method` as they are sent. */
const SENT: readonly string[] = METHODS.map((method) => method.toUpperCase());

/** @returns the number of the case in WIT, that of `other` for what has none of its own */
export function methodOrdinal(method: string): number {
  const ordinal = SENT.indexOf(method);
  return ordinal < 0 ? METHODS.length : ordinal;
}

/** @param ordinal of a case but `other` */
export function methodOf(ordinal: number): string {
  return SENT[ordinal] as string;
}

export function liftMethod(method: Method): string {
  return method.tag === 'other' ? method.val : method.tag.toUpperCase();
}

export function lowerMethod(method: string): Method {
  const tag = METHODS[methodOrdinal(method)];
  return tag === undefined ? { tag: 'other', val: method } : { tag };
}

export function liftScheme(scheme: Scheme | undefined): string | undefined {
  return scheme?.tag === 'other' ? scheme.val : scheme?.tag;
}

export function lowerScheme(scheme: string | undefined): Scheme | undefined {
  if (scheme === undefined) return undefined;
  if (scheme === 'http') return { tag: 'HTTP' };
  return scheme === 'https' ? { tag: 'HTTPS' } : { tag: 'other', val: scheme };
}
