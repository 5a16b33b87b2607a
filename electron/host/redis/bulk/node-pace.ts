import type { RedisSession } from '../session.ts';
import { rest } from './server-wait.ts';

const probeEveryMs = 250;
/** Probes of which even the fastest must be slow before the work yields. */
const probesKept = 4;
/** Latency above the quiet one that this process's own work explains, ms: the probe shares its thread and its connection. */
const ownMs = 25;
const leastShare = 0.1;

/**
 * Keeps the work on one server within its budget, and backs off when its latency rises. The probe is a PING between two
 * batches.
 */
export class NodePace {
  readonly #session: () => RedisSession;
  readonly #node: string;
  readonly #given: () => number | null;
  readonly #probes: number[] = [];
  #quietMs = Infinity;
  #share = 1;
  #probedAt = -Infinity;

  constructor(options: { session: () => RedisSession; node: string; budget: number | null | (() => number | null) }) {
    this.#session = options.session;
    this.#node = options.node;
    const { budget } = options;
    this.#given = typeof budget === 'function' ? budget : () => budget;
  }

  get #budget(): number {
    return this.#given() ?? 1;
  }

  /** Whether the server's latency, not the budget, holds the work back. */
  get backingOff(): boolean {
    return this.#share < this.#budget && this.#share < 0.9;
  }

  /** After a batch that took `roundTripMs`: rests as long as the budget asks. Rejects with CANCELLED. */
  async after(roundTripMs: number, signal: AbortSignal): Promise<void> {
    if (performance.now() - this.#probedAt >= probeEveryMs) await this.#probe(signal);
    const share = Math.min(this.#budget, this.#share);
    if (share < 1) await rest(roundTripMs * (1 / share - 1), signal);
  }

  async #probe(signal: AbortSignal): Promise<void> {
    const begun = performance.now();
    this.#probedAt = begun;
    const [reply] = await this.#session().batch(0, [['PING']], { node: this.#node, signal });
    // a refusal says nothing of the latency
    if (reply instanceof Error) return;
    const took = performance.now() - begun;
    this.#quietMs = Math.min(this.#quietMs, took);
    this.#probes.push(took);
    if (this.#probes.length > probesKept) this.#probes.shift();
    if (this.#probes.length < probesKept) return;
    if (Math.min(...this.#probes) > this.#quietMs + ownMs) this.#share = Math.max(leastShare, this.#share * 0.6);
    else this.#share = Math.min(1, this.#share * 1.3 + 0.05);
  }
}
