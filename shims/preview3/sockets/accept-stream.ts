import type { ItemOrigin, NextItems } from '../../canonical-abi/host-streams.ts';
import type { Closable, Context } from '../context.ts';
import { TcpSocket } from './tcp-socket.ts';

/** Connections that are let in at once, however many the guest has room for. */
const MAX_SOCKETS = 64;

/**
 * The connections that come to a socket that listens. One is let in only when the guest reads: before that it waits in the
 * bounded queue of the port, and as long as the guest has no handle left for it.
 */
export class AcceptStream implements ItemOrigin<TcpSocket>, Closable {
  readonly #context: Context;
  readonly #listener: TcpSocket;
  /** There was no handle left; it is on record. */
  #full = false;
  #closed = false;

  constructor(context: Context, listener: TcpSocket) {
    this.#context = context;
    this.#listener = listener;
    listener.hold();
    context.closeAtEnd(this);
  }

  next(max: number): NextItems<TcpSocket> {
    const accepted: TcpSocket[] = [];
    while (accepted.length < Math.min(max, MAX_SOCKETS)) {
      const socket = this.#accept();
      if (typeof socket !== 'string') accepted.push(socket);
      else return accepted.length > 0 ? accepted : socket;
    }
    return accepted;
  }

  ready(): boolean {
    return this.#listener.inner.ready();
  }

  wait(): Promise<void> | undefined {
    return this.#full ? this.#context.host.meter.room() : this.#listener.inner.wait();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#context.forget(this);
    this.#listener.letGo();
  }

  /** The handle comes first, so that nobody is let in whom the guest cannot be given. */
  #accept(): TcpSocket | 'wait' | 'closed' {
    const { inner } = this.#listener;
    if (!inner.ready()) return 'wait';
    if (!this.#takeHandle()) return 'wait';
    const accepted = inner.acceptNext();
    if (typeof accepted !== 'string') return new TcpSocket(this.#context, accepted.socket, accepted);
    this.#context.host.meter.closeHandle();
    return accepted === 'closed' ? accepted : 'wait';
  }

  /** A limit is put on record once for each time that it is met: a server asks again and again. */
  #takeHandle(): boolean {
    const wasFull = this.#full;
    const { meter } = this.#context.host;
    this.#full = wasFull ? !meter.openHandle() : !this.#context.tryTakeHandle('tcp-accept', 'socket');
    return !this.#full;
  }
}
