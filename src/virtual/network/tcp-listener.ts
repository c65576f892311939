import { GRANTED } from '../../kernel/grant.ts';
import type { SocketEgressRule } from './egress-rules.ts';
import type { GuardedConnection } from './guarded-connection.ts';
import type { SocketContext } from './socket-context.ts';
import type { Waitable } from './network.ts';
import type { NetworkError } from './network-error.ts';
import type { TcpPort } from './stack.ts';
import { guardConnection } from './tcp-connect.ts';

/** A port that is listened on under a rule. When the rule is taken back, the port is free again at once. */
export class TcpListener implements Waitable {
  readonly port: TcpPort;
  readonly #context: SocketContext;
  readonly #rule: SocketEgressRule;
  readonly #subject: string;
  readonly #unwatch: () => void;

  /** @param subject as the log names the port */
  constructor(context: SocketContext, port: TcpPort, rule: SocketEgressRule, subject: string) {
    this.#context = context;
    this.port = port;
    this.#rule = rule;
    this.#subject = subject;
    this.#unwatch = rule.grant.watch(() => port.close());
  }

  /** Nobody is let in who would not be let in by the rule: before that, a connection stays in the queue. */
  accept(): GuardedConnection | NetworkError {
    const { guard, decisions } = this.#context;
    const { grant, concurrent } = this.#rule;
    if (!grant.revoked && !this.port.ready()) return 'would-block';
    if (!decisions.takeOne(this.#rule, 'tcp-accept', this.#subject)) return 'new-socket-limit';
    if (!guard.admit(grant, GRANTED, 'tcp-accept', this.#subject)) {
      concurrent?.give();
      return grant.spent === undefined ? 'access-denied' : 'new-socket-limit';
    }
    const connection = this.port.accept();
    if (connection === undefined) {
      concurrent?.give();
      return 'would-block';
    }
    return guardConnection(this.#context, connection, this.#rule, this.#subject);
  }

  ready(): boolean {
    return this.#rule.grant.revoked || this.port.ready();
  }

  wait(): Promise<void> | undefined {
    return this.#rule.grant.revoked ? undefined : this.port.wait();
  }

  close(): void {
    this.#unwatch();
    this.port.close();
  }
}
