/** What ends when the guest drops the last handle that stands on it. */
export interface Closable {
  close(): void;
}

/**
 * Counts the handles that stand on each socket: its own and those of its streams. WIT lets a host trap when a guest drops a
 * socket before its streams; here they go on working, and the socket is closed when the last of them is dropped.
 */
export class SocketHandles {
  readonly #count = new Map<Closable, number>();

  add(socket: Closable): void {
    this.#count.set(socket, (this.#count.get(socket) ?? 0) + 1);
  }

  remove(socket: Closable): void {
    const left = (this.#count.get(socket) ?? 1) - 1;
    if (left > 0) {
      this.#count.set(socket, left);
      return;
    }
    this.#count.delete(socket);
    socket.close();
  }
}
