import { type Guest, nameOf } from './guest.ts';
import type { Operation } from './operation-rows.ts';

/** Does as a guest what a row says. @returns the result, as the row has it */
export function perform(
  guest: Guest,
  operation: Operation,
  [first = '', second = '']: readonly string[],
): string {
  switch (operation) {
    case 'open':
      return guest.opening(first, second);
    case 'stat':
      return guest.type(first);
    case 'lstat':
      return guest.type(first, false);
    case 'list':
      return listing(guest, first);
    case 'readlink':
      return guest.readlink(first);
    case 'mkdir':
    case 'rmdir':
    case 'unlink':
      return guest[operation](first);
    default:
      return guest[operation](first, second);
  }
}

function listing(guest: Guest, path: string): string {
  const opened = guest.tryOpen(path, 'rd');
  if (typeof opened === 'number') return nameOf(opened);
  guest.filesystem.close(opened);
  return guest.list(path).join(' ');
}
