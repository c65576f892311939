import type { SocketEgressRule } from './egress-rules.ts';
import { GuardedConnection } from './guarded-connection.ts';
import type { SocketContext } from './socket-context.ts';
import type { NetworkError } from './network-error.ts';
import { codeOf, Pending } from './pending.ts';
import type { SocketAddress } from './socket-address.ts';
import type { Allowed } from './socket-decisions.ts';
import type { TcpConnection, TcpOptions } from './stack.ts';

/** A connection that is being made. */
export interface Connecting {
  readonly pending: Pending<GuardedConnection>;
  /** Nobody waits for it any more; if it is there, it is destroyed. */
  abort(): void;
}

/** Decides, then connects to the very address that was decided. */
export function startConnection(
  context: SocketContext,
  remote: SocketAddress,
  options: TcpOptions,
): Connecting {
  const abort = new AbortController();
  const pending = new Pending(connect(context, remote, options, abort.signal));
  return {
    pending,
    abort() {
      abort.abort();
    },
  };
}

async function connect(
  context: SocketContext,
  remote: SocketAddress,
  options: TcpOptions,
  signal: AbortSignal,
): Promise<GuardedConnection | NetworkError> {
  const { decisions } = context;
  const subject = decisions.subjectOf('tcp', remote);
  const candidates = await decisions.remoteRules('tcp', remote, signal);
  if (signal.aborted) return 'connection-aborted';
  const allowed = decisions.permitOne(candidates, 'tcp-connect', subject);
  if (typeof allowed === 'string') return allowed;
  const { rule } = allowed;
  const connection = await dial(context, remote, options, allowed, signal);
  if (typeof connection === 'string') {
    rule.concurrent?.give();
    return connection;
  }
  const guarded = guardConnection(context, connection, rule, subject);
  // It may never be fetched.
  signal.addEventListener('abort', () => guarded.destroy(), { once: true });
  return guarded;
}

/** @returns what a guest is told when it does not come about, or must not any more */
async function dial(
  context: SocketContext,
  remote: SocketAddress,
  options: TcpOptions,
  { rule, permit }: Allowed,
  signal: AbortSignal,
): Promise<TcpConnection | NetworkError> {
  const revoked = new AbortController();
  const unwatch = rule.grant.watch(() => revoked.abort());
  try {
    const stack = await context.stack();
    const both = AbortSignal.any([signal, revoked.signal]);
    const connection = await stack.connectTcp(permit, remote, options, both);
    if (!both.aborted) return connection;
    connection.destroy();
    return rule.grant.revoked ? 'access-denied' : 'connection-aborted';
  } catch (error) {
    return rule.grant.revoked ? 'access-denied' : codeOf(error);
  } finally {
    unwatch();
  }
}

/** One of `rule.concurrent` was taken for the connection; it is given back at its end. */
export function guardConnection(
  { guard, meter, ends, room }: SocketContext,
  connection: TcpConnection,
  rule: SocketEgressRule,
  subject: string,
): GuardedConnection {
  const onEnd = (): void => {
    rule.concurrent?.give();
    room.wake();
    forget();
  };
  const guarded = new GuardedConnection({ connection, rule, guard, meter, subject, onEnd });
  const forget = ends.add(() => guarded.destroy());
  return guarded;
}
