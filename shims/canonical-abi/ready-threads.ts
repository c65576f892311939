import { GuestTrap } from '../../src/virtual/host.ts';
import { LinkedList } from './linked-list.ts';
import type { Task } from './task.ts';
import type { Thread } from './thread.ts';

/** Threads that may be ready, first come, first served; and who of them may run at all. */
export class ReadyThreads {
  readonly #threads: LinkedList<Thread> = new LinkedList();
  /** Tasks of functions that are not `async`, and that wait all the same: only threads of their instances may run. */
  readonly #blockedSync: Task[] = [];

  /** The thread that waits for a function of the host which is not `async`: no other may run. */
  held: Thread | undefined;

  get blockedDepth(): number {
    return this.#blockedSync.length;
  }

  /** Whether the host may call a component. */
  get mayEnter(): boolean {
    return this.#blockedSync.length === 0 && this.held === undefined;
  }

  get isIdle(): boolean {
    return this.#threads.size === 0 && this.#blockedSync.length === 0;
  }

  add(thread: Thread): void {
    thread.queued = this.#threads.add(thread);
  }

  remove(thread: Thread): void {
    if (thread.queued !== undefined) this.#threads.remove(thread.queued);
    thread.queued = undefined;
  }

  clear(): void {
    this.#threads.clear();
  }

  /** @param depth `blockedDepth` before `task` was started: what it has called since then is blocked within it */
  blockSync(task: Task, depth: number): void {
    this.#blockedSync.splice(depth, 0, task);
  }

  unblockSync(task: Task): void {
    const index = this.#blockedSync.lastIndexOf(task);
    if (index >= 0) this.#blockedSync.splice(index, 1);
  }

  /** @throws GuestTrap if nobody can help a function on that must not wait */
  next(): Thread | undefined {
    const { held } = this;
    if (held !== undefined) return this.#take((each) => each === held && each.isReady());
    const blocked = this.#blockedSync.at(-1);
    return blocked === undefined ? this.#nextOfAll() : this.#nextFor(blocked);
  }

  #nextOfAll(): Thread | undefined {
    for (;;) {
      const thread = this.#threads.shift();
      if (thread === undefined) return undefined;
      thread.queued = undefined;
      if (thread.isReady()) return thread;
    }
  }

  #nextFor({ instance }: Task): Thread {
    const thread = this.#take(
      (each) => each.instance === instance && each !== instance.exclusive && each.isReady(),
    );
    if (thread === undefined) throw new GuestTrap('a function that is not async cannot wait');
    return thread;
  }

  #take(accept: (thread: Thread) => boolean): Thread | undefined {
    const thread = this.#threads.take(accept);
    if (thread !== undefined) thread.queued = undefined;
    return thread;
  }
}
