import type { Worker } from 'node:worker_threads';
import { startWorker } from '../../worker-entry.ts';

/** After one was taken, the next is made when the new index is done or has had the machine for itself for a while, ms. */
const refillAfterMs = 5000;

export function startIndexThread(): Worker {
  // its young generation is small: what lives in the index is in typed arrays
  return startWorker('index-worker', { resourceLimits: { maxYoungGenerationSizeMb: 3 } });
}

/** Threads for indexes. Once `prepare` was called, one stands by that has started and warmed up. */
export class IndexThreads {
  readonly #start: () => Worker;
  #spare: Worker | null = null;
  #prepared = false;
  #refill: NodeJS.Timeout | null = null;

  constructor(start: () => Worker) {
    this.#start = start;
  }

  /** Has a thread made ready, unless one stands by. */
  prepare(): void {
    this.#prepared = true;
    if (this.#spare !== null) return;
    const spare = this.#start();
    // one that ends before its time is no loss: the next index starts its own
    const drop = (): void => {
      if (this.#spare === spare) this.#spare = null;
    };
    spare.once('exit', drop).on('error', drop);
    spare.unref();
    this.#spare = spare;
  }

  /** A thread that waits for its `begin`. */
  take(): Worker {
    const thread = this.#spare ?? this.#start();
    this.#spare = null;
    if (this.#prepared) {
      // counted from the latest one
      if (this.#refill !== null) clearTimeout(this.#refill);
      this.#refill = setTimeout(() => this.#again(), refillAfterMs).unref();
    }
    return thread;
  }

  /** The machine is free again: makes now what was put off. */
  refill(): void {
    if (this.#refill === null) return;
    clearTimeout(this.#refill);
    this.#again();
  }

  async close(): Promise<void> {
    this.#prepared = false;
    if (this.#refill !== null) clearTimeout(this.#refill);
    const spare = this.#spare;
    this.#spare = null;
    await spare?.terminate();
  }

  #again(): void {
    this.#refill = null;
    if (this.#prepared) this.prepare();
  }
}
