/** Least share of server time that a scan falls back to. */
const minShare = 0.05;
/** Share while other clients use the server, when no budget is set: they get at least as much as the scan. */
const sharedCap = 0.5;
/** Commands a second by others from which a server counts as in use. */
const busyOps = 200;
/** Latency above the quiet one that the scan's own pages explain, in pages, and what jitter explains, ms. */
const ownPages = 3;
const jitterMs = 2.5;
/** Probes of which even the fastest must be slow before the scan yields. */
const probesNeeded = 4;
/** Naps shorter than this are saved up, because timers are not finer, ms. */
const minNapMs = 1;

/**
 * How much of one server's time a scan takes. Without a budget: all of it while nobody else uses the server, half
 * while others do, less while its latency is up. With one: never more than that. Times in ms.
 */
export class ScanPace {
  /** Most that may be used, 0.01 to 1; `null` = automatic. */
  budget: number | null;
  #share = 1;
  #othersOps = 0;
  #quietMs = 0;
  #pageMs = 0;
  #recentPages: number[] = [];
  #probes: number[] = [];
  #debtMs = 0;

  constructor(budget: number | null) {
    this.budget = budget;
  }

  /** Round trip of a PING before the scan begins. */
  begin(quietMs: number): void {
    this.#quietMs = quietMs;
    this.#probes = [];
    this.#recentPages = [];
  }

  /** Share in force now, 0 to 1. */
  get share(): number {
    return Math.min(this.#cap(), this.#share);
  }

  /** Whether the server's latency, not the budget, holds the scan back. */
  get backingOff(): boolean {
    return this.#share < this.#cap() * 0.9;
  }

  /** Notes a PING's round trip while scanning. */
  probe(ms: number): void {
    // the first round trip may have met a busy moment
    this.#quietMs = Math.min(this.#quietMs, ms);
    this.#probes.push(ms);
    if (this.#probes.length > probesNeeded) this.#probes.shift();
    if (this.#probes.length < probesNeeded) return;
    const fastest = Math.min(...this.#probes);
    if (fastest > this.#quietMs + ownPages * this.#pageMs + jitterMs) {
      this.#share = Math.max(Math.min(minShare, this.#cap()), this.share * 0.6);
      this.#probes = [];
    } else {
      this.#share = Math.min(1, this.#share * 1.15 + 0.02);
    }
  }

  /** Notes how many commands a second others have sent; `null` when it may not be asked. */
  others(perSecond: number | null): void {
    this.#othersOps = perSecond ?? busyOps;
  }

  /** A page came back `roundTripMs` after it was asked for. Returns how long to wait before the next, ms, 0 = not at all. */
  page(roundTripMs: number): number {
    this.#recentPages.push(Math.max(0.05, roundTripMs - this.#quietMs));
    if (this.#recentPages.length > 16) this.#recentPages.shift();
    // the fastest of the last pages: what the server itself needs for one
    this.#pageMs = Math.min(...this.#recentPages);
    const share = this.share;
    if (share >= 1) {
      this.#debtMs = 0;
      return 0;
    }
    this.#debtMs += Math.max(0, this.#pageMs / share - roundTripMs);
    if (this.#debtMs < minNapMs) return 0;
    const nap = this.#debtMs;
    this.#debtMs = 0;
    return nap;
  }

  #cap(): number {
    return this.budget ?? (this.#othersOps >= busyOps ? sharedCap : 1);
  }
}
