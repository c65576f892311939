import type { EndpointMatcher } from '../../kernel/egress/matchers.ts';
import type { Permit } from '../../kernel/permit.ts';
import { bindPort, UntakenPort } from './bind.ts';
import type { SocketEgressRule } from './egress-rules.ts';
import type { GuardedConnection } from './guarded-connection.ts';
import type { SocketContext } from './socket-context.ts';
import type { Accepted, Outcome, StreamPair, TcpOption, TcpSocket } from './network.ts';
import type { NetworkError } from './network-error.ts';
import { Pending } from './pending.ts';
import type { AddressFamily, SocketAddress } from './socket-address.ts';
import type { TcpPort } from './stack.ts';
import { startConnection } from './tcp-connect.ts';
import { TcpListener } from './tcp-listener.ts';
import { TcpOptionValues } from './tcp-options.ts';
import { isOfFamily, isRemote, isUnicast } from './valid-address.ts';

/** What a guest can ask to be queued, and what it gets when it does not ask: that of Rust's standard library. */
const MAX_BACKLOG = 128n;

type State =
  | { readonly kind: 'unbound' | 'closed' }
  | { readonly kind: 'bind-in-progress'; readonly pending: Pending<TcpPort> }
  | { readonly kind: 'bound'; readonly port: TcpPort }
  | { readonly kind: 'listen-in-progress'; readonly pending: Pending<TcpListener>; readonly port: TcpPort }
  | { readonly kind: 'listening'; readonly listener: TcpListener }
  | { readonly kind: 'connect-in-progress'; readonly pending: Pending<GuardedConnection> }
  | { readonly kind: 'connected'; readonly guarded: GuardedConnection };

const UNBOUND: State = { kind: 'unbound' };
const CLOSED: State = { kind: 'closed' };

/**
 * The state machine of https://github.com/WebAssembly/wasi-sockets/blob/v0.2.6/TcpSocketOperationalSemantics.md, with the
 * error codes of wasmtime's crates/wasi where that leaves a choice: an argument that is none changes no state.
 */
export class InstanceTcpSocket implements TcpSocket {
  readonly family: AddressFamily;
  readonly #context: SocketContext;
  readonly #options: TcpOptionValues;
  #state: State;
  #backlog = MAX_BACKLOG;
  #dropped = false;
  /** Ends what the socket has or waits for, connections apart. */
  #endState: (() => void) | undefined;
  readonly #forget: () => void;

  /** @param accepted undefined: a new socket */
  constructor(
    context: SocketContext,
    family: AddressFamily,
    accepted?: { readonly guarded: GuardedConnection; readonly options: TcpOptionValues },
  ) {
    this.#context = context;
    this.family = family;
    this.#options = new TcpOptionValues(accepted?.options);
    this.#state = accepted === undefined ? UNBOUND : { kind: 'connected', guarded: accepted.guarded };
    this.#forget = context.ends.add(() => this.#drop());
  }

  /** start-bind: func(network: borrow<network>, local-address: ip-socket-address) -> result<_, error-code> */
  startBind(local: SocketAddress): Outcome {
    if (this.#inProgress) return 'concurrency-conflict';
    if (this.#state.kind !== 'unbound') return 'invalid-state';
    if (!isUnicast(local.address) || !isOfFamily(local, this.family)) return 'invalid-argument';
    const { decisions } = this.#context;
    const rules = decisions.bindRules('tcp', local);
    const subject = decisions.subjectOf('tcp', local);
    const allowed = decisions.permit({ rules }, 'tcp-bind', subject, 'new-socket-limit');
    if (typeof allowed === 'string') return allowed;
    const holds = decisions.listenRules('tcp', local).includes(allowed.rule);
    const bind = this.#bind(local, allowed.permit, holds ? allowed.rule.matcher : undefined);
    this.#state = { kind: 'bind-in-progress', pending: new Pending(bind) };
    return undefined;
  }

  /** finish-bind: func() -> result<_, error-code> */
  finishBind(): Outcome {
    if (this.#state.kind !== 'bind-in-progress') return 'not-in-progress';
    const { result } = this.#state.pending;
    if (result === undefined) return 'would-block';
    if (typeof result === 'string') {
      this.#state = UNBOUND;
      return result;
    }
    this.#state = { kind: 'bound', port: result };
    return undefined;
  }

  /** start-connect: func(network: borrow<network>, remote-address: ip-socket-address) -> result<_, error-code> */
  startConnect(remote: SocketAddress): Outcome {
    if (this.#inProgress) return 'concurrency-conflict';
    if (this.#state.kind !== 'unbound' && this.#state.kind !== 'bound') return 'invalid-state';
    if (!isUnicast(remote.address) || !isRemote(remote) || !isOfFamily(remote, this.family))
      return 'invalid-argument';
    let local: SocketAddress | undefined;
    if (this.#state.kind === 'bound') {
      ({ local } = this.#state.port);
      // The connection takes the port over, and two cannot have it.
      this.#state.port.close();
    }
    const connecting = startConnection(this.#context, remote, this.#options.forStack(local));
    this.#endState = () => connecting.abort();
    this.#state = { kind: 'connect-in-progress', pending: connecting.pending };
    return undefined;
  }

  /** finish-connect: func() -> result<tuple<input-stream, output-stream>, error-code> */
  finishConnect(): StreamPair | NetworkError {
    if (this.#state.kind !== 'connect-in-progress') return 'not-in-progress';
    const { result } = this.#state.pending;
    if (result === undefined) return 'would-block';
    if (typeof result === 'string') {
      this.#state = CLOSED;
      return result;
    }
    this.#endState = undefined;
    this.#state = { kind: 'connected', guarded: result };
    return result;
  }

  /** start-listen: func() -> result<_, error-code> */
  startListen(): Outcome {
    if (this.#inProgress) return 'concurrency-conflict';
    if (this.#state.kind !== 'bound') return 'invalid-state';
    const { port } = this.#state;
    const { decisions } = this.#context;
    const rules = decisions.listenRules('tcp', port.local);
    const subject = decisions.subjectOf('tcp', port.local);
    const allowed = decisions.permit({ rules }, 'tcp-listen', subject, 'new-socket-limit');
    if (typeof allowed === 'string') {
      port.close();
      this.#state = CLOSED;
      return allowed;
    }
    const pending = new Pending(this.#listen(port, allowed.rule, subject));
    this.#state = { kind: 'listen-in-progress', port, pending };
    return undefined;
  }

  /** finish-listen: func() -> result<_, error-code> */
  finishListen(): Outcome {
    if (this.#state.kind !== 'listen-in-progress') return 'not-in-progress';
    const { result } = this.#state.pending;
    if (result === undefined) return 'would-block';
    if (typeof result === 'string') {
      this.#state.port.close();
      this.#state = CLOSED;
      return result;
    }
    this.#state = { kind: 'listening', listener: result };
    return undefined;
  }

  /** accept: func() -> result<tuple<tcp-socket, input-stream, output-stream>, error-code> */
  accept(): Accepted | NetworkError {
    if (this.#state.kind !== 'listening') return 'invalid-state';
    const guarded = this.#state.listener.accept();
    return typeof guarded === 'string' ? guarded : this.#accepted(guarded);
  }

  /** listen: func() -> result<stream<tcp-socket>, error-code>, of WASI 0.3 */
  acceptNext(): Accepted | 'would-block' | 'closed' {
    if (this.#state.kind !== 'listening') return 'closed';
    const guarded = this.#state.listener.acceptNext();
    return typeof guarded === 'string' ? guarded : this.#accepted(guarded);
  }

  #accepted(guarded: GuardedConnection): Accepted {
    this.#options.applyTo(guarded.connection);
    const socket = new InstanceTcpSocket(this.#context, this.family, { guarded, options: this.#options });
    return { socket, input: guarded.input, output: guarded.output };
  }

  /** local-address: func() -> result<ip-socket-address, error-code> */
  localAddress(): SocketAddress | NetworkError {
    const state = this.#state;
    switch (state.kind) {
      case 'bound':
      case 'listen-in-progress':
        return state.port.local;
      case 'listening':
        return state.listener.port.local;
      case 'connected':
        return state.guarded.connection.local;
      default:
        return 'invalid-state';
    }
  }

  /** remote-address: func() -> result<ip-socket-address, error-code> */
  remoteAddress(): SocketAddress | NetworkError {
    return this.#state.kind === 'connected' ? this.#state.guarded.connection.remote : 'invalid-state';
  }

  /** is-listening: func() -> bool */
  get isListening(): boolean {
    return this.#state.kind === 'listening';
  }

  /** set-listen-backlog-size: func(value: u64) -> result<_, error-code> */
  setListenBacklogSize(size: bigint): Outcome {
    if (size <= 0n) return 'invalid-argument';
    switch (this.#state.kind) {
      case 'unbound':
      case 'bind-in-progress':
      case 'bound':
        this.#backlog = size < MAX_BACKLOG ? size : MAX_BACKLOG;
        return undefined;
      case 'listen-in-progress':
      case 'listening':
        return 'not-supported';
      default:
        return 'invalid-state';
    }
  }

  getOption(option: TcpOption): bigint | boolean | NetworkError {
    return this.#state.kind === 'closed' ? 'invalid-state' : this.#options.get(option);
  }

  setOption(option: TcpOption, value: bigint | boolean): Outcome {
    if (this.#state.kind === 'closed') return 'invalid-state';
    if (!this.#options.set(option, value)) return 'invalid-argument';
    if (this.#state.kind === 'connected' && option.startsWith('keep-alive'))
      this.#options.applyTo(this.#state.guarded.connection);
    return undefined;
  }

  /** shutdown: func(shutdown-type: shutdown-type) -> result<_, error-code> */
  shutdown(which: 'receive' | 'send' | 'both'): Outcome {
    if (this.#state.kind !== 'connected') return 'invalid-state';
    this.#state.guarded.shutdown(which);
    return undefined;
  }

  get isUnbound(): boolean {
    return this.#state.kind === 'unbound';
  }

  abandon(): void {
    if (!this.#inProgress) return;
    this.#state = CLOSED;
    this.#endState?.();
    this.#endState = undefined;
  }

  ready(): boolean {
    const waitable = this.#waitable;
    return waitable === undefined || waitable.ready();
  }

  wait(): Promise<void> | undefined {
    return this.#waitable?.wait();
  }

  /** The streams of a connection live on until they are dropped, too. */
  close(): void {
    if (this.#dropped) return;
    const state = this.#state;
    this.#drop();
    if (state.kind === 'connected') state.guarded.release();
  }

  #drop(): void {
    this.#dropped = true;
    this.#state = CLOSED;
    this.#endState?.();
    this.#forget();
  }

  async #bind(
    local: SocketAddress,
    permit: Permit,
    matcher: EndpointMatcher | undefined,
  ): Promise<TcpPort | NetworkError> {
    if (matcher === undefined) return new UntakenPort(local);
    const stack = await this.#context.stack();
    const port = await bindPort(local, matcher, (address) => stack.bindTcp(permit, address));
    this.#endState = () => port.close();
    if (this.#state !== CLOSED) return port;
    port.close();
    return 'connection-aborted';
  }

  async #listen(port: TcpPort, rule: SocketEgressRule, subject: string): Promise<TcpListener | NetworkError> {
    await port.listen(Number(this.#backlog));
    // Taken back, dropped or abandoned meanwhile.
    if (rule.grant.revoked || this.#state === CLOSED) return 'access-denied';
    const listener = new TcpListener(this.#context, port, rule, subject);
    this.#endState = () => listener.close();
    return listener;
  }

  get #inProgress(): boolean {
    return this.#state.kind.endsWith('-in-progress');
  }

  /** https://github.com/WebAssembly/wasi-sockets/blob/v0.2.6/TcpSocketOperationalSemantics.md#pollable-readiness */
  get #waitable(): Pending<unknown> | TcpListener | undefined {
    switch (this.#state.kind) {
      case 'bind-in-progress':
      case 'listen-in-progress':
      case 'connect-in-progress':
        return this.#state.pending;
      case 'listening':
        return this.#state.listener;
      default:
        return undefined;
    }
  }
}
