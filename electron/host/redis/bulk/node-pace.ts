import { ScanPace } from '../index/scan-pace.ts';
import type { RedisSession } from '../session.ts';
import { rest } from './server-wait.ts';

const probeEveryMs = 100;

/**
 * Keeps the work on one server within its budget, and backs off when its latency rises. The probe is a PING between two
 * batches, when nothing of ours is under way.
 */
export class NodePace {
  readonly #pace: ScanPace;
  readonly #session: () => RedisSession;
  readonly #node: string;
  #probedAt = 0;

  constructor(options: { session: () => RedisSession; node: string; budget: number | null }) {
    this.#pace = new ScanPace(options.budget);
    this.#session = options.session;
    this.#node = options.node;
  }

  get backingOff(): boolean {
    return this.#pace.backingOff;
  }

  /** After a batch that took `roundTripMs`: rests as long as the budget asks. Rejects with CANCELLED. */
  async after(roundTripMs: number, signal: AbortSignal): Promise<void> {
    const now = performance.now();
    if (now - this.#probedAt >= probeEveryMs) {
      const first = this.#probedAt === 0;
      const [reply] = await this.#session().batch(0, [['PING']], { node: this.#node, signal });
      const took = performance.now() - now;
      this.#probedAt = performance.now();
      // a refusal says nothing of the latency
      if (!(reply instanceof Error)) {
        if (first) this.#pace.begin(took);
        else this.#pace.probe(took);
      }
    }
    const nap = this.#pace.page(roundTripMs);
    if (nap > 0) await rest(nap, signal);
  }
}
