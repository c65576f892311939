import type { NetworkContext } from './instance-network.ts';
import type { OpenEnds } from './open-ends.ts';
import type { RememberedNames } from './remembered-names.ts';
import type { Signals } from './signals.ts';
import type { SocketDecisions } from './socket-decisions.ts';

/** What the sockets and lookups of one instance share. */
export interface SocketContext extends NetworkContext {
  readonly decisions: SocketDecisions;
  readonly names: RememberedNames;
  readonly ends: OpenEnds;
  /** Woken when a connection ends, and a rule has room for another one. */
  readonly room: Signals;
}
