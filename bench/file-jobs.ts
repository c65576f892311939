import type { CallCounts } from './calls.ts';

/** The jobs that bench/guests/file-jobs.c knows, in the order in which they need each other, as the table has them. */
export const FILE_JOBS = {
  write: 'write 64 MiB, per 64 KiB',
  read: 'read 64 MiB, per 64 KiB',
  create: 'create 10,000 files of 100 B, each',
  stat: 'stat 10,000 files, each',
  list: 'list 10,000 files, per entry',
  delete: 'delete 10,000 files, each',
  readdir: 'readdir of 2,000 entries',
  deep: 'stat at depth 8',
} as const;

export type FileJob = keyof typeof FILE_JOBS;

export const FILE_JOB_NAMES: readonly FileJob[] = Object.keys(FILE_JOBS) as FileJob[];

/** How much of each job one run of the guest does; `entries` makes what `readdir` reads. */
export type FileCounts = CallCounts<FileJob | 'entries'>;

/** @param repeats how often the entries are read; the deep path is looked at a hundred times as often */
export function fileCounts(check: boolean, repeats: number): FileCounts {
  const [blocks, files, entries, passes] = check ? [16, 30, 30, 1] : [1024, 10_000, 2000, repeats];
  return {
    write: blocks,
    read: blocks,
    create: files,
    stat: files,
    list: files,
    delete: files,
    entries,
    readdir: passes,
    deep: passes * 100,
  };
}
