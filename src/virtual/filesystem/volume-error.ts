import { VolumeError } from '../../errors.ts';
import { ErrorCode } from '../error-code.ts';

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(ErrorCode).map(([name, code]): [number, string] => [code, name]),
);

/**
 * @param path in the volume
 * @returns what an embedder is told when a volume refuses what a walk over all of it needs
 */
export function volumeError(
  code: 'BW_VOLUME_READ' | 'BW_VOLUME_WRITE',
  path: string,
  why: ErrorCode,
): VolumeError {
  const verb = code === 'BW_VOLUME_READ' ? 'read' : 'changed';
  return new VolumeError(
    code,
    `${JSON.stringify(path)} in the volume cannot be ${verb} (${NAMES.get(why) ?? why})`,
  );
}
