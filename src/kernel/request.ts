/**
 * Every operation that a guest can ask for and that the guard decides.
 * Adding a capability starts here: the union makes exhaustive switches show what was forgotten.
 */
export type Operation =
  // filesystem; the names are those of wasi:filesystem/types
  | 'open-at'
  | 'read'
  | 'write'
  | 'append'
  | 'set-size'
  | 'read-directory'
  | 'create-directory-at'
  | 'stat'
  | 'stat-at'
  | 'set-times'
  | 'set-times-at'
  | 'link-at'
  | 'readlink-at'
  | 'remove-directory-at'
  | 'rename-at'
  | 'symlink-at'
  | 'unlink-file-at'
  | 'sync'
  // network; the names are those of wasi:sockets, and what a request of wasi:http is
  | 'instance-network'
  | 'create-tcp-socket'
  | 'create-udp-socket'
  | 'tcp-bind'
  | 'tcp-connect'
  | 'tcp-listen'
  | 'tcp-accept'
  | 'udp-bind'
  | 'udp-send'
  | 'udp-receive'
  | 'socket-read'
  | 'socket-write'
  | 'resolve-addresses'
  | 'http-request'
  // single-valued sections
  | 'monotonic-clock'
  | 'wall-clock'
  | 'random'
  | 'get-environment'
  | 'get-arguments'
  | 'stdin'
  | 'stdout'
  | 'stderr';

export type Section =
  | 'filesystem'
  | 'http'
  | 'sockets'
  | 'dns'
  | 'clocks'
  | 'random'
  | 'environment'
  | 'arguments'
  | 'stdio';

/** One guarded operation, as it stands in a record. Built only when something must be recorded. */
export interface Request {
  readonly operation: Operation;
  /** What it was asked of: a guest path, a clock, a stream. Guest-controlled, bounded and escaped by the log. */
  readonly subject: string;
  /** Access words that the operation needs, for filesystem requests. */
  readonly access?: readonly string[];
}

/** @returns the section of the policy that grants `operation`. */
export function sectionOf(operation: Operation): Section {
  switch (operation) {
    case 'http-request':
      return 'http';
    case 'instance-network':
    case 'create-tcp-socket':
    case 'create-udp-socket':
    case 'tcp-bind':
    case 'tcp-connect':
    case 'tcp-listen':
    case 'tcp-accept':
    case 'udp-bind':
    case 'udp-send':
    case 'udp-receive':
    case 'socket-read':
    case 'socket-write':
      return 'sockets';
    case 'resolve-addresses':
      return 'dns';
    case 'monotonic-clock':
    case 'wall-clock':
      return 'clocks';
    case 'random':
      return 'random';
    case 'get-environment':
      return 'environment';
    case 'get-arguments':
      return 'arguments';
    case 'stdin':
    case 'stdout':
    case 'stderr':
      return 'stdio';
    default:
      return 'filesystem';
  }
}
