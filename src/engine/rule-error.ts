import { BindingError } from '../errors.ts';

/** @returns the error with the rule that it is about; the cause stays behind, because its message may hold host paths */
export function ofRule(rule: string, error: BindingError): BindingError {
  const message = `filesystem rule ${JSON.stringify(rule)}: ${error.message}`;
  return new BindingError(error.code, message, error.hint === undefined ? {} : { hint: error.hint });
}
