/** What a tenant may compute beside what the policy of its instances says. Times are nanoseconds of a steady clock. */
export interface CpuBudget {
  takeCpu(nanoseconds: number): void;
  /** @returns when there is something left to take; not after `now`: at once */
  cpuReadyAt(now: number): number;
}

/** Time that one turn of the event loop gives to guests while others wait for theirs. Nanoseconds. */
const TURN = 5_000_000;

interface Turn {
  readonly goOn: () => void;
  /** By how much it may be ahead of those who are let first. */
  readonly lead: number;
}

/** A tenant's place in the line. */
class Share {
  /** Computing time divided by weight: who has the least is next. */
  pass = 0;
  /** How long it may compute next, to go by what it did. Of who is new, nothing is known. */
  expected: number = TURN;
  readonly turns: Turn[] = [];
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
 * one. A guest that does not compute for long is not behind the others, and goes on at once.
 *
 * All who compute without end are near each other in their passes: after the first short call, a guest would be behind every one
 * of them, and wait for as many slices. So who comes from waiting may be ahead of them, by as much as it has lately left of a
 * slice; it has to make up for that. Who is new, or takes whole slices, may not: many who come at once would all be let first.
 *
 * @see Duda and Cheriton: Borrowed-Virtual-Time (BVT) scheduling, SOSP 1999
 * @see Waldspurger and Weihl: Stride Scheduling, MIT/LCS/TM-528, 1995
 */
export class Scheduler {
  readonly #shares = new Map<string, Share>();
  readonly #waiting = new Set<Share>();
  readonly #now: () => number;
  /** The least pass of those who waited when somebody was served last. */
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
    const lead = (): number => (TURN - share.expected) / weight;
    const isNext = (): boolean => this.#isNext(share, lead());
    return {
      take: (goOn) => (isNext() ? goOn() : this.#line(share, { goOn, lead: lead() })),
      yield: (goOn) => this.#line(share, { goOn, lead: 0 }),
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

  #line(share: Share, turn: Turn): void {
    share.turns.push(turn);
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
    // A long turn counts at once, and is forgotten after some short ones.
    share.expected = Math.min(
      TURN,
      Math.max(nanoseconds, share.expected - (share.expected - nanoseconds) / 4),
    );
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
    let least = Infinity;
    let time = Infinity;
    let readyAt = Infinity;
    for (const share of this.#waiting) {
      const ready = share.budget?.cpuReadyAt(now) ?? now;
      if (ready > now) {
        readyAt = Math.min(readyAt, ready);
        continue;
      }
      const { pass, turns } = share;
      const place = pass - (turns[0]?.lead ?? 0);
      if (place < least) {
        next = share;
        least = place;
      }
      time = Math.min(time, pass);
    }
    if (next === undefined) this.#sleep(readyAt - now);
    else this.#give(next, time);
  }

  /** @param time least pass of those who wait */
  #give(share: Share, time: number): void {
    const turn = share.turns.shift();
    if (share.turns.length === 0) this.#waiting.delete(share);
    this.#virtualTime = time;
    if (this.#waiting.size > 0) this.#endTurn();
    turn?.goOn();
  }

  /** Everybody who waits has computed more than its budget. */
  #sleep(nanoseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#endTurn(), Math.ceil(nanoseconds / 1e6));
  }
}

/** Of this process: everybody shares its thread. */
export const scheduler: Scheduler = new Scheduler(() => performance.now() * 1e6);
