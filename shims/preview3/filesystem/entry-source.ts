import type { DirectoryEntries } from '../../../src/virtual/filesystem/directory-entries.ts';
import { FutureCell, itemSource } from '../../canonical-abi/host-streams.ts';
import type { FutureSource, Result, StreamSource } from '../../canonical-abi/values.ts';
import type { Context } from '../context.ts';
import type { DirectoryEntry, FilesystemErrorCode } from '../wit.ts';
import { statusResult } from './error-code.ts';
import { descriptorType } from './stat.ts';

/** Entries that are translated at once, however many the guest has room for. */
const MAX_ENTRIES = 256;

/** What `read-directory` gives: the directory as it was when it was asked for. */
export function entrySource(
  context: Context,
  entries: DirectoryEntries,
): readonly [StreamSource, FutureSource] {
  const ended = new FutureCell<Result<undefined, FilesystemErrorCode>>();
  const listing = {
    close(): void {
      context.forget(listing);
      entries.release();
      if (!ended.isSettled) ended.resolve(statusResult(0));
    },
  };
  context.closeAtEnd(listing);
  const source = itemSource<DirectoryEntry>({
    next(max) {
      const batch = nextOf(entries, Math.min(max, MAX_ENTRIES));
      if (batch.length > 0) return batch;
      listing.close();
      return 'closed';
    },
    // All entries are there.
    wait: () => undefined,
    close: () => listing.close(),
  });
  return [source, ended];
}

function nextOf(entries: DirectoryEntries, max: number): DirectoryEntry[] {
  const batch: DirectoryEntry[] = [];
  while (batch.length < max) {
    const entry = entries.next();
    if (entry === undefined) break;
    batch.push({ type: descriptorType(entry.type), name: entry.name });
  }
  return batch;
}
