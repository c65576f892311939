import { createReadStream } from 'node:fs';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { unpackTar } from 'modern-tar/fs';
import { type HostTree, hostTree } from '../support/host-tree.ts';

/**
 * Unpacks a tar archive, `.gz` or plain, into a directory that lives as long as the caller keeps it.
 *
 * @param options.strip how many components to take off the front of every name
 * @param options.only which names to unpack, before `strip`; all by default
 */
export async function unpackedArchive(
  archive: string,
  options: { readonly strip?: number; readonly only?: (name: string) => boolean } = {},
): Promise<HostTree> {
  const tree = hostTree({});
  const { strip = 0, only = (): boolean => true } = options;
  await pipeline(
    createReadStream(archive),
    archive.endsWith('.gz') ? createGunzip() : new PassThrough(),
    unpackTar(tree.path, { strip, filter: ({ name }) => only(name) }),
  );
  return tree;
}
