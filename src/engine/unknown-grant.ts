import { InstanceError } from '../errors.ts';

/** @returns the error for a grant or mount that the instance does not have */
export function unknownGrant(what: 'grant' | 'mount', id: string, names: readonly string[]): InstanceError {
  return new InstanceError(
    'BW_GRANT_UNKNOWN',
    `The instance has no ${what} ${JSON.stringify(id)}; it has ${names.join(', ') || 'none'}.`,
  );
}
