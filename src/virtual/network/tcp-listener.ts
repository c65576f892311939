import { GRANTED } from '../../kernel/grant.ts';
import type { SocketEgressRule } from './egress-rules.ts';
import type { GuardedConnection } from './guarded-connection.ts';
import type { SocketContext } from './socket-context.ts';
import type { Waitable } from './network.ts';
import type { NetworkError } from './network-error.ts';
import { hasRoom } from './socket-decisions.ts';
import { SharedWait } from './signals.ts';
import type { TcpPort } from './stack.ts';
import { guardConnection } from './tcp-connect.ts';

/** A port that is listened on under a rule. When the rule is taken back, the port is free again at once. */
export class TcpListener implements Waitable {
  readonly port: TcpPort;
  readonly #context: SocketContext;
  readonly #rule: SocketEgressRule;
  readonly #subject: string;
  readonly #unwatch: () => void;
  readonly #wait: SharedWait;
  #isFull = false;

  /** @param subject as the log names the port */
  constructor(context: SocketContext, port: TcpPort, rule: SocketEgressRule, subject: string) {
    this.#context = context;
    this.port = port;
    this.#rule = rule;
    this.#subject = subject;
    this.#wait = new SharedWait(
      () => this.ready(),
      () => port.wait() ?? context.room.next(),
    );
    this.#unwatch = rule.grant.watch(() => {
      port.close();
      context.room.wake();
    });
  }

  /** Nobody is let in who would not be let in by the rule: before that, a connection stays in the queue. */
  accept(): GuardedConnection | NetworkError {
    const { guard } = this.#context;
    const { grant, concurrent } = this.#rule;
    if (!grant.revoked && !this.port.ready()) return 'would-block';
    if (!hasRoom(concurrent)) return this.#passLimit();
    if (!guard.admit(grant, GRANTED, 'tcp-accept', this.#subject))
      return grant.spent === undefined ? 'access-denied' : 'new-socket-limit';
    const connection = this.port.accept();
    if (connection === undefined) return 'would-block';
    concurrent?.take();
    this.#isFull = false;
    return guardConnection(this.#context, connection, this.#rule, this.#subject);
  }

  /** The same, when errors either pass or end it. */
  acceptNext(): GuardedConnection | 'would-block' | 'closed' {
    for (;;) {
      const accepted = this.accept();
      if (typeof accepted !== 'string') return accepted;
      const { grant, concurrent } = this.#rule;
      // A port that is ready and has nobody was closed.
      if (accepted === 'would-block') return this.port.ready() ? 'closed' : accepted;
      if (accepted !== 'new-socket-limit') return 'closed';
      if (!hasRoom(concurrent)) return 'would-block';
      if (grant.spent?.refills !== true) return 'closed';
      this.port.accept()?.destroy();
    }
  }

  /** While the rule has no room, who waits for a connection waits for that, too. */
  ready(): boolean {
    return this.#rule.grant.revoked || (this.port.ready() && hasRoom(this.#rule.concurrent));
  }

  wait(): Promise<void> | undefined {
    return this.#wait.wait();
  }

  /** A server asks again and again: one record for each time that it is full. */
  #passLimit(): NetworkError {
    const { concurrent } = this.#rule;
    if (!this.#isFull && concurrent !== undefined) {
      const { name, limit } = concurrent;
      this.#context.guard.limited(name, limit, 'tcp-accept', this.#subject);
    }
    this.#isFull = true;
    return 'new-socket-limit';
  }

  close(): void {
    this.#unwatch();
    this.port.close();
  }
}
