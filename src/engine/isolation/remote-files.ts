import type { GrantUse } from '../instance.ts';
import type { MountFiles } from '../mount-files.ts';
import { unknownGrant } from '../unknown-grant.ts';
import type { FilesAction } from './protocol.ts';

/**
 * @param ask has the worker do it
 * @returns the files of a mount that a worker has
 * @throws InstanceError BW_GRANT_UNKNOWN
 */
export function remoteFiles(
  grants: readonly GrantUse[],
  grantId: string,
  ask: (action: FilesAction) => Promise<unknown>,
): MountFiles {
  const mounts = grants.filter(({ section }) => section === 'filesystem').map(({ id }) => id);
  if (!mounts.includes(grantId)) throw unknownGrant('mount', grantId, mounts);
  const asking = (action: FilesAction) => async (): Promise<never> => (await ask(action)) as never;
  return {
    toTar: asking('toTar'),
    toFiles: asking('toFiles'),
    changes: asking('changes'),
    changesToTar: asking('changesToTar'),
    acceptChanges: asking('acceptChanges'),
  };
}
