import { BindingError } from '../../errors.ts';
import { quote } from '../../policy/text.ts';

/** Why something cannot be an image; the last part of the error's code. */
export type ImageFault =
  /** Neither a tar, a tar.gz nor a zip archive. */
  | 'FORMAT'
  /** Cut off, or contradicting itself. */
  | 'BROKEN'
  /** A name that no file in a volume can have. */
  | 'NAME'
  /** Two members that cannot both be there. */
  | 'CONFLICT'
  /** More than the limits allow. */
  | 'TOO_LARGE'
  /** Encrypted, a device, an unknown method. */
  | 'UNSUPPORTED'
  /** The source cannot be read. */
  | 'READ';

/** @returns text of an archive, safe to print */
export function quoteMember(text: string): string {
  return quote(text);
}

/**
 * @param member the name in the archive, as it stands there; made safe to print here
 * @returns the error `BW_IMAGE_…`
 */
export function imageError(
  fault: ImageFault,
  member: string | undefined,
  message: string,
  hint?: string,
): BindingError {
  const where = member === undefined ? 'the image' : `the image's member ${quote(member)}`;
  return new BindingError(`BW_IMAGE_${fault}`, `${where} ${message}`, hint === undefined ? {} : { hint });
}
