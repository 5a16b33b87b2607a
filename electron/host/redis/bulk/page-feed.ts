import type { JobControl } from '../../services.ts';
import type { RunProgress } from './run-progress.ts';
import { rest } from './server-wait.ts';

/** A change of the limit takes effect within this time, ms. */
const lookMs = 100;

/**
 * Hands pages to several workers one at a time: here a job is paused, cancelled and slowed down, always between two pages.
 */
export class PageFeed<T extends { names: readonly unknown[] }> {
  readonly #pages: AsyncIterator<T>;
  readonly #control: JobControl;
  readonly #progress: RunProgress;
  readonly #before: () => Promise<void>;
  #turn: Promise<unknown> = Promise.resolve();
  #dueAt = 0;
  #stopped = false;

  constructor(options: { pages: AsyncIterable<T>; control: JobControl; progress: RunProgress; before: () => Promise<void> }) {
    this.#pages = options.pages[Symbol.asyncIterator]();
    this.#control = options.control;
    this.#progress = options.progress;
    this.#before = options.before;
  }

  /** The next page, or `null` at the end or after `stop`. Rejects with CANCELLED. */
  next(): Promise<T | null> {
    const mine = this.#turn.then(() => this.#next());
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /** No more pages: another worker failed. */
  stop(): void {
    this.#stopped = true;
  }

  /** Lets go of what the pages are read from. */
  async close(): Promise<void> {
    this.#stopped = true;
    await this.#turn;
    await this.#pages.return?.();
  }

  async #next(): Promise<T | null> {
    if (this.#stopped) return null;
    await this.#checkpoint();
    await this.#before();
    const { value, done } = await this.#pages.next();
    if (done === true) return null;
    await this.#slowDown(value.names.length);
    return value;
  }

  async #checkpoint(): Promise<void> {
    const passed = this.#control.checkpoint();
    const soon = new Promise<'soon'>((resolve) => setImmediate(resolve, 'soon'));
    if ((await Promise.race([passed, soon])) !== 'soon') return;
    this.#progress.paused = true;
    this.#progress.changed();
    try {
      await passed;
    } finally {
      this.#progress.paused = false;
      this.#progress.changed();
    }
  }

  async #slowDown(names: number): Promise<void> {
    for (;;) {
      const limit = this.#progress.pace.keysPerSecond;
      const now = performance.now();
      if (limit === null || this.#dueAt <= now) {
        this.#dueAt = limit === null ? 0 : now + (names * 1000) / limit;
        return;
      }
      await rest(Math.min(lookMs, this.#dueAt - now), this.#control.signal);
    }
  }
}

/**
 * Runs `work` on all pages with a few workers. The first failure stops the feed; the pages under way are finished, so that
 * nothing is left half recorded, and then it is thrown.
 */
export async function workThrough<T extends { names: readonly unknown[] }>(feed: PageFeed<T>, workers: number, work: (page: T) => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  await Promise.all(
    Array.from({ length: workers }, async () => {
      try {
        for (let page = await feed.next(); page !== null; page = await feed.next()) await work(page);
      } catch (error) {
        failures.push(error);
        feed.stop();
      }
    }),
  );
  await feed.close();
  if (failures.length > 0) throw failures[0];
}
