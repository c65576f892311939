/** Carries the error case of a `result` out of a plain function: jco's glue takes it from `payload`. */
export class ComponentError<T> extends Error {
  override readonly name = 'ComponentError';
  readonly payload: T;

  constructor(payload: T) {
    super(`the call failed: ${caseOf(payload)}`);
    this.payload = payload;
  }
}

/** The name of an enum's or a variant's case; a payload can be of a type that has no text. */
function caseOf(payload: unknown): string {
  if (typeof payload === 'object' && payload !== null && 'tag' in payload) return String(payload.tag);
  return String(payload);
}
