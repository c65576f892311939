/** What a tenant may compute beside what the policy of its instances says. Times are nanoseconds of a steady clock. */
export interface CpuBudget {
  takeCpu(nanoseconds: number): void;
  /** @returns when there is something left to take; not after `now`: at once */
  cpuReadyAt(now: number): number;
}

/** Time that one turn of the event loop gives to guests while others wait for theirs. Nanoseconds. */
const TURN = 5_000_000;

/** A tenant's place in the line. */
class Share {
  /** Computing time divided by weight: who has the least is next. */
  pass = 0;
  readonly turns: (() => void)[] = [];
  instances = 0;
  budget: CpuBudget | undefined;
}

/** One instance in its tenant's place. */
export interface Turntaker {
  /** Calls back when it may go on: before this returns, if nobody has to be let first. */
  take(goOn: () => void): void;
  /** Like {@link take}, but lets the event loop and everybody else go first. */
  yield(goOn: () => void): void;
  /** Whether {@link take} would call back at once. */
  readonly isNext: boolean;
  /** Tells what it has computed. */
  ran(nanoseconds: number): void;
  leave(): void;
}

/**
 * Who computes next, of the metered guests of this process: stride scheduling between tenants, in the order of arrival within
 * one. A guest that does not wait for long is not behind the others, and goes on at once.
 *
 * @see Waldspurger and Weihl: Stride Scheduling, MIT/LCS/TM-528, 1995
 */
export class Scheduler {
  readonly #shares = new Map<string, Share>();
  readonly #waiting = new Set<Share>();
  readonly #now: () => number;
  /** The pass of who was served last. */
  #virtualTime = 0;
  /** What was computed in this turn of the event loop. */
  #spent = 0;
  #turnEnds = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param now nanoseconds of a steady clock */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param weight share of the processor, next to those of others */
  enter(tenant: string, weight: number, budget: CpuBudget | undefined): Turntaker {
    const share = this.#shares.get(tenant) ?? new Share();
    this.#shares.set(tenant, share);
    share.instances++;
    share.budget = budget;
    const isNext = (): boolean => this.#isNext(share, TURN / weight);
    return {
      take: (goOn) => (isNext() ? goOn() : this.#line(share, goOn)),
      yield: (goOn) => this.#line(share, goOn),
      get isNext() {
        return isNext();
      },
      ran: (nanoseconds) => this.#ran(share, nanoseconds, weight),
      leave: () => {
        if (--share.instances === 0) this.#shares.delete(tenant);
      },
    };
  }

  /** @param lead by how much it may be ahead of the others */
  #isNext(share: Share, lead: number): boolean {
    if (this.#spent >= TURN || this.#isThrottled(share)) return false;
    return share.turns.length === 0 && (this.#waiting.size === 0 || share.pass <= this.#virtualTime + lead);
  }

  #isThrottled({ budget }: Share): boolean {
    if (budget === undefined) return false;
    const now = this.#now();
    return budget.cpuReadyAt(now) > now;
  }

  #line(share: Share, goOn: () => void): void {
    share.turns.push(goOn);
    if (!this.#waiting.has(share)) {
      // Who was away has nothing saved up.
      share.pass = Math.max(share.pass, this.#virtualTime);
      this.#waiting.add(share);
    }
    this.#endTurn();
  }

  #ran(share: Share, nanoseconds: number, weight: number): void {
    share.pass = Math.max(share.pass, this.#virtualTime) + nanoseconds / weight;
    // Time goes on for those who come later, too: else they would have what others had while they were away.
    if (this.#waiting.size === 0) this.#virtualTime = share.pass;
    share.budget?.takeCpu(nanoseconds);
    this.#spent += nanoseconds;
    this.#endTurn();
  }

  /** Timers and I/O come between two turns. */
  #endTurn(): void {
    if (this.#turnEnds) return;
    this.#turnEnds = true;
    setImmediate(() => {
      this.#turnEnds = false;
      this.#spent = 0;
      this.#next();
    });
  }

  #next(): void {
    if (this.#waiting.size === 0) return;
    const now = this.#now();
    let next: Share | undefined;
    let readyAt = Infinity;
    for (const share of this.#waiting) {
      const ready = share.budget?.cpuReadyAt(now) ?? now;
      if (ready > now) readyAt = Math.min(readyAt, ready);
      else if (next === undefined || share.pass < next.pass) next = share;
    }
    if (next === undefined) this.#sleep(readyAt - now);
    else this.#give(next);
  }

  #give(share: Share): void {
    const goOn = share.turns.shift();
    if (share.turns.length === 0) this.#waiting.delete(share);
    this.#virtualTime = share.pass;
    if (this.#waiting.size > 0) this.#endTurn();
    goOn?.();
  }

  /** Everybody who waits has computed more than its budget. */
  #sleep(nanoseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#endTurn(), Math.ceil(nanoseconds / 1e6));
  }
}

/** Of this process: everybody shares its thread. */
export const scheduler: Scheduler = new Scheduler(() => performance.now() * 1e6);
