/** Carries the error case of a `result` out of a plain function: jco's glue takes it from `payload`. */
export class ComponentError<T> extends Error {
  override readonly name = 'ComponentError';
  readonly payload: T;

  constructor(payload: T) {
    super(`the call failed: ${typeof payload === 'string' ? payload : JSON.stringify(payload)}`);
    this.payload = payload;
  }
}
