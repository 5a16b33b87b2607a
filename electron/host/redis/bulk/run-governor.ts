import type { StagedRun } from '../../../../shared/contract/invalidate.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { RedisSession } from '../session.ts';
import { measureHitRate, middleOf } from './hit-rate.ts';
import type { RunProgress } from './run-progress.ts';
import { isPassing, rest } from './server-wait.ts';

/** How often floors are looked at while the run goes on, and while it holds back, ms. */
const lookEveryMs = 2000;
const holdEveryMs = 500;
/** How long others are watched to tell their hit rate, ms: while going on, before a canary. */
const windowMs = 250;
const baselineMs = 1000;
const pings = 3;

export interface GovernorOptions {
  session: () => RedisSession;
  progress: RunProgress;
  signal: AbortSignal;
  staged: StagedRun | null;
  /** Ends the run as cancelled, at the next boundary. */
  stop: () => void;
}

/**
 * Holds a run back: rests between pages, floors of latency and hit rate, and the canary of a staged run. Hit rates are measured only
 * while none of the run's own commands are under way, for its reads count as hits and misses too.
 */
export class RunGovernor {
  readonly #options: GovernorOptions;
  #turn: Promise<unknown> = Promise.resolve();
  #large: Promise<unknown> = Promise.resolve();
  #busy = 0;
  #handed = 0;
  #lookedAt = -Infinity;
  #broken = false;

  constructor(options: GovernorOptions) {
    this.#options = options;
    const { staged, progress } = options;
    if (staged === null) return;
    const { canary, hitRateDropMax } = staged;
    progress.stage = { canary, done: 0, waitUntil: null, hitRateBefore: null, hitRateNow: null, hitRateDropMax, decision: 'pending', decidedBy: '' };
  }

  /** A page's commands begin and end. */
  enter(): void {
    this.#busy += 1;
  }

  leave(): void {
    this.#busy -= 1;
  }

  /** One at a time: work on large values, each of which holds the server for milliseconds. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#large.then(work);
    this.#large = mine.catch(() => undefined);
    return mine;
  }

  /** Another worker failed: nobody waits for a canary any more. */
  broke(): void {
    this.#broken = true;
  }

  /** How many of so many names may be worked on now, at least one. Waits for the end of a canary. Rejects with CANCELLED. */
  admit(count: number): Promise<number> {
    const mine = this.#turn.then(() => this.#admit(count));
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /** So many admitted names are done. */
  done(count: number): void {
    const { progress } = this.#options;
    if (progress.stage?.decision !== 'pending') return;
    progress.stage.done = Math.min(progress.stage.canary, progress.stage.done + count);
    progress.changed();
  }

  /** Between two pages: rests, and holds back as long as a floor is crossed. Rejects with CANCELLED. */
  async hold(): Promise<void> {
    const { progress, signal } = this.#options;
    const pause = progress.pace.pauseMs ?? 0;
    if (pause > 0) await rest(pause, signal);
    const { latencyFloorMs, hitRateFloor } = progress.pace;
    if ((latencyFloorMs === null && hitRateFloor === null) || performance.now() - this.#lookedAt < lookEveryMs) return;
    try {
      while (await this.#isBelow()) await rest(holdEveryMs, signal);
    } finally {
      progress.holding = null;
      progress.changed();
      this.#lookedAt = performance.now();
    }
  }

  /** Whether a floor is crossed now. The floors are read anew each time: someone may have moved them. */
  async #isBelow(): Promise<boolean> {
    const { progress, session, signal } = this.#options;
    await this.#quiet();
    const { latencyFloorMs, hitRateFloor } = progress.pace;
    try {
      if (latencyFloorMs !== null) {
        const latency = await this.#latency();
        if (latency > latencyFloorMs) return this.#holds('latency', latency, latencyFloorMs);
      }
      if (hitRateFloor !== null) {
        const { rate } = await measureHitRate(session, windowMs, signal);
        if (rate !== null && rate < hitRateFloor) return this.#holds('hit-rate', rate, hitRateFloor);
      }
    } catch (error) {
      // a server that is away is waited for by the page itself
      if (!isPassing(error)) throw error;
    }
    return false;
  }

  #holds(because: 'latency' | 'hit-rate', value: number, limit: number): true {
    const { progress } = this.#options;
    progress.holding = { because, value, limit, since: progress.holding?.since ?? Date.now() };
    progress.changed();
    return true;
  }

  async #latency(): Promise<number> {
    const { session, signal } = this.#options;
    const took: number[] = [];
    for (let ping = 0; ping < pings; ping += 1) {
      const begun = performance.now();
      await session().batch(0, [['PING']], { signal });
      took.push(performance.now() - begun);
    }
    return middleOf(took);
  }

  async #quiet(): Promise<void> {
    while (this.#busy > 0 && !this.#broken) await rest(5, this.#options.signal);
  }

  async #admit(count: number): Promise<number> {
    const { staged, progress, signal, session } = this.#options;
    const { stage } = progress;
    if (staged === null || stage === null || stage.decision === 'go-on') return count;
    if (this.#handed === 0) stage.hitRateBefore = await this.#rateOrNull(() => measureHitRate(session, baselineMs, signal));
    if (this.#handed < stage.canary) {
      const now = Math.min(count, stage.canary - this.#handed);
      this.#handed += now;
      return now;
    }
    while (stage.done < stage.canary) {
      if (this.#broken) throw new LookasideError('CANCELLED', 'Cancelled');
      await rest(20, signal);
    }
    await this.#wait(staged);
    return count;
  }

  async #wait(staged: StagedRun): Promise<void> {
    const { progress, signal, session, stop } = this.#options;
    const { stage } = progress;
    if (stage === null) return;
    const until = Date.now() + staged.waitMs;
    stage.waitUntil = until;
    progress.changed();
    const decided = (): boolean => stage.decision === 'go-on' || stage.decision === 'stop';
    for (let first = true; !decided() && (first || Date.now() < until); first = false) {
      const left = Math.max(windowMs, Math.min(baselineMs, until - Date.now()));
      const now = await this.#rateOrNull(() => measureHitRate(session, left, signal));
      if (now !== null) stage.hitRateNow = now;
      progress.changed();
    }
    if (!decided() && staged.auto) {
      const { hitRateBefore, hitRateNow } = stage;
      const fell = hitRateBefore !== null && hitRateNow !== null && hitRateBefore - hitRateNow > staged.hitRateDropMax;
      Object.assign(stage, { decision: fell ? 'stop' : 'go-on', decidedBy: 'run' });
    } else if (!decided()) stage.decision = 'ask';
    progress.changed();
    while (!decided()) await rest(50, signal);
    progress.changed();
    if (stage.decision !== 'stop') return;
    stop();
    // the cancel ends this wait
    for (;;) await rest(1000, signal);
  }

  async #rateOrNull(measure: () => Promise<{ rate: number | null }>): Promise<number | null> {
    try {
      return (await measure()).rate;
    } catch (error) {
      if (!isPassing(error)) throw error;
      return null;
    }
  }
}
