import { escapeText } from '../audit/escape-text.ts';
import { LinkError } from '../errors.ts';

/**
 * @param missing as `module.name`; the names are the guest's, so the message has them escaped
 * @param example how the option of instantiate() looks for a program of this kind
 * @returns the error that lists all of `missing`
 */
export function missingImports(missing: readonly string[], example: string): LinkError {
  const names = missing.map(escapeText).join(', ');
  return new LinkError(
    `The program needs ${missing.length} import(s) that nobody provides: ${names}.`,
    missing,
    { hint: `Pass them to instantiate() as \`imports: ${example}\`.` },
  );
}
