import type { ByteBudget } from '../../kernel/byte-budget.ts';
import type { Guard } from '../../kernel/guard.ts';
import type { Meter } from '../../kernel/meter.ts';
import { ErrorCode } from '../error-code.ts';
import { type InputStream, type OutputStream, type StreamCause, StreamStatus } from '../io/streams.ts';
import type { SocketEgressRule } from './egress-rules.ts';
import type { TcpConnection } from './stack.ts';

const DENIED: StreamCause = { kind: 'network', error: 'access-denied' };

/** What a connection of a guest stands on. */
export interface ConnectionContext {
  readonly connection: TcpConnection;
  /** The rule that it was permitted under. */
  readonly rule: SocketEgressRule;
  readonly guard: Guard;
  readonly meter: Meter;
  /** As the log names the connection. */
  readonly subject: string;
  /** Called once, when it is closed or destroyed. */
  readonly onEnd: () => void;
}

/**
 * A connection under its rule: bytes count against the rule's budgets, and when the rule is taken back the connection is
 * gone at once. It lives until the guest has dropped the socket and both streams.
 */
export class GuardedConnection {
  readonly input: GuardedSocketInput;
  readonly output: GuardedSocketOutput;
  readonly connection: TcpConnection;
  readonly #onEnd: () => void;
  readonly #unwatch: () => void;
  #holders = 3;
  #ended = false;

  constructor(context: ConnectionContext) {
    const { connection, rule, onEnd } = context;
    this.connection = connection;
    this.#onEnd = onEnd;
    const release = (): void => this.release();
    this.input = new GuardedSocketInput(context, release);
    this.output = new GuardedSocketOutput(context, release);
    this.#unwatch = rule.grant.watch(() => this.destroy());
  }

  shutdown(which: 'receive' | 'send' | 'both'): void {
    if (which !== 'send' && this.input.stop() && !this.#ended) this.connection.endInput();
    if (which !== 'receive' && this.output.stop() && !this.#ended) this.connection.endOutput();
  }

  /** One of its holders, the socket and the streams, lets go. */
  release(): void {
    if (--this.#holders > 0 || this.#ended) return;
    this.connection.close();
    this.#end();
  }

  /** At once, with whatever was on its way. Who waits for it wakes up and is told. */
  destroy(): void {
    if (this.#ended) return;
    this.input.fail(ErrorCode.notPermitted);
    this.output.fail(ErrorCode.notPermitted);
    this.connection.destroy();
    this.#end();
  }

  #end(): void {
    this.#ended = true;
    this.#unwatch();
    this.#onEnd();
  }
}

/** What both directions have in common: how they end. */
abstract class GuardedHalf {
  failure = 0;
  cause: StreamCause | undefined = undefined;
  readonly #onClose: () => void;
  #state: 'open' | 'failing' | 'closed' = 'open';
  #stopped = false;
  #dropped = false;

  constructor(onClose: () => void) {
    this.#onClose = onClose;
  }

  /** @returns whether this is the first time: a half that failed has its end still to be told to the peer */
  stop(): boolean {
    const isFirst = !this.#stopped;
    this.#stopped = true;
    this.#state = 'closed';
    return isFirst;
  }

  /** The next call fails, and those after it find the stream closed. */
  fail(code: number): void {
    if (this.#state !== 'open') return;
    this.failure = code;
    this.cause = DENIED;
    this.#state = 'failing';
  }

  /** The guest drops the stream. */
  close(): void {
    if (this.#dropped) return;
    this.#dropped = true;
    this.#state = 'closed';
    this.#onClose();
  }

  protected get isOpen(): boolean {
    return this.#state === 'open';
  }

  protected tellEnd(): number {
    const isFirst = this.#state === 'failing';
    this.#state = 'closed';
    return isFirst ? StreamStatus.failed : StreamStatus.closed;
  }

  /** What the stack says of the end of its stream is told as it is. */
  protected endAs(status: number, { failure, cause }: InputStream | OutputStream): number {
    this.#state = 'closed';
    if (status !== StreamStatus.failed) return status;
    this.failure = failure === 0 ? ErrorCode.io : failure;
    this.cause = cause;
    return status;
  }
}

/** One byte, to find out whether there is any more; nobody reads it. */
const PROBE = new Uint8Array(1);

class GuardedSocketInput extends GuardedHalf implements InputStream {
  readonly #inner: InputStream;
  readonly #context: ConnectionContext;
  readonly #budget: ByteBudget | undefined;

  constructor(context: ConnectionContext, onClose: () => void) {
    super(onClose);
    this.#inner = context.connection.input;
    this.#context = context;
    this.#budget = context.rule.receivedBytes;
  }

  readInto(target: Uint8Array, offset: number, length: number): number {
    if (!this.isOpen) return this.tellEnd();
    const budget = this.#budget;
    if (budget !== undefined && budget.left < length) return this.#readLast(budget, target, offset);
    const count = this.#inner.readInto(target, offset, length);
    if (count < 0) return this.endAs(count, this.#inner);
    budget?.use(count);
    this.#context.meter.networkBytesReceived += count;
    return count;
  }

  ready(): boolean {
    return !this.isOpen || this.#inner.ready();
  }

  wait(): Promise<void> | undefined {
    return this.isOpen ? this.#inner.wait() : undefined;
  }

  /** The budget is for less than is asked for. Bytes past it fail the stream, an end that comes just there does not. */
  #readLast(budget: ByteBudget, target: Uint8Array, offset: number): number {
    const isSpent = budget.left <= 0;
    const count = isSpent
      ? this.#inner.readInto(PROBE, 0, 1)
      : this.#inner.readInto(target, offset, budget.left);
    if (count < 0) return this.endAs(count, this.#inner);
    if (!isSpent) {
      budget.use(count);
      this.#context.meter.networkBytesReceived += count;
    }
    if (!isSpent || count === 0) return count;
    const { guard, subject, connection } = this.#context;
    guard.limited(budget.name, budget.limit, 'socket-read', subject);
    this.fail(ErrorCode.quota);
    connection.endInput();
    return this.tellEnd();
  }
}

class GuardedSocketOutput extends GuardedHalf implements OutputStream {
  readonly #inner: OutputStream;
  readonly #context: ConnectionContext;
  readonly #budget: ByteBudget | undefined;

  constructor(context: ConnectionContext, onClose: () => void) {
    super(onClose);
    this.#inner = context.connection.output;
    this.#context = context;
    this.#budget = context.rule.sentBytes;
  }

  checkWrite(): number {
    if (!this.isOpen) return this.tellEnd();
    const count = this.#inner.checkWrite();
    if (count < 0) return this.endAs(count, this.#inner);
    const budget = this.#budget;
    // Who has sent all that the budget allows is not told before there is a byte too many: 0 would mean "wait".
    return budget === undefined || count === 0 ? count : Math.min(count, Math.max(1, budget.left));
  }

  write(source: Uint8Array, offset: number, length: number): number {
    if (!this.isOpen) return this.tellEnd();
    const budget = this.#budget;
    if (budget !== undefined && length > budget.left) return this.#passLimit(budget);
    const status = this.#inner.write(source, offset, length);
    if (status < 0) return this.endAs(status, this.#inner);
    budget?.use(length);
    this.#context.meter.networkBytesSent += length;
    return 0;
  }

  flush(): number {
    if (!this.isOpen) return this.tellEnd();
    const status = this.#inner.flush();
    return status < 0 ? this.endAs(status, this.#inner) : 0;
  }

  ready(): boolean {
    return !this.isOpen || this.#inner.ready();
  }

  wait(): Promise<void> | undefined {
    return this.isOpen ? this.#inner.wait() : undefined;
  }

  #passLimit(budget: ByteBudget): number {
    const { guard, subject } = this.#context;
    guard.limited(budget.name, budget.limit, 'socket-write', subject);
    this.fail(ErrorCode.quota);
    return this.tellEnd();
  }
}
