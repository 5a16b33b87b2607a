import type { Problem } from '../../../../shared/contract/errors.ts';
import { toProblem } from '../../../lib/to-problem.ts';

export interface IndexPage<T> {
  items: readonly T[];
  /** Elements of the whole value when it was read. */
  total: number;
}

const perWindow = 200;
/** Windows held: 20,000 rows. */
const maxWindows = 100;

/** Rows of a list or sorted set by their place, in windows; those in view are read, those long out of view are dropped. */
export class IndexWindows<T> {
  total: number;
  problem: Problem | null = null;
  version = 0;
  readonly #base: number;
  readonly #limit: number | null;
  readonly #fetch: (from: number, count: number, signal: AbortSignal) => Promise<IndexPage<T>>;
  #held = new Map<number, readonly T[]>();
  /** What was there before a refresh, shown until it is read again. */
  #stale = new Map<number, readonly T[]>();
  readonly #listeners = new Set<() => void>();
  readonly #over = new AbortController();
  #wanted: readonly number[] = [0];
  #flying = false;

  /** @param base first place shown; @param limit rows shown, `null` = to the end of the value */
  constructor(total: number, base: number, limit: number | null, fetch: (from: number, count: number, signal: AbortSignal) => Promise<IndexPage<T>>) {
    this.total = total;
    this.#base = base;
    this.#limit = limit;
    this.#fetch = fetch;
  }

  get count(): number {
    return Math.max(0, this.#limit === null ? this.total - this.#base : Math.min(this.#limit, this.total - this.#base));
  }

  get loading(): boolean {
    return this.#held.size === 0 && this.#stale.size === 0 && this.problem === null && this.count > 0;
  }

  /** Every row is here. */
  get complete(): boolean {
    return this.#held.size >= Math.ceil(this.count / perWindow);
  }

  /** Reads what is in view again; the rest when it comes into view. */
  refresh(): void {
    this.#stale = this.#held;
    this.#held = new Map();
    this.problem = null;
    this.#pump();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    // The table asks for its rows only once it has some.
    this.#pump();
    return () => this.#listeners.delete(listener);
  };

  item(index: number): T | undefined {
    const at = Math.floor(index / perWindow);
    return (this.#held.get(at) ?? this.#stale.get(at))?.[index % perWindow];
  }

  want(from: number, to: number): void {
    const wanted = [];
    for (let at = Math.floor(from / perWindow); at * perWindow < Math.min(to, this.count); at += 1) wanted.push(at);
    this.#wanted = wanted;
    for (const at of wanted) {
      const held = this.#held.get(at);
      if (held === undefined) continue;
      this.#held.delete(at);
      this.#held.set(at, held);
    }
    this.#pump();
  }

  retry(): void {
    this.problem = null;
    this.#tell();
    this.#pump();
  }

  close(): void {
    this.#over.abort();
  }

  #tell(): void {
    this.version += 1;
    for (const listener of this.#listeners) listener();
  }

  #pump(): void {
    if (this.#flying || this.problem !== null || this.#over.signal.aborted) return;
    const next = this.#wanted.find((at) => !this.#held.has(at) && at * perWindow < this.count);
    if (next !== undefined) void this.#read(next);
  }

  /** A reply may bring fewer than asked for, where elements are large: the window is asked for in parts then. */
  async #read(at: number): Promise<void> {
    this.#flying = true;
    const { signal } = this.#over;
    const held = this.#held;
    try {
      const items: T[] = [];
      const wanted = Math.min(perWindow, this.count - at * perWindow);
      while (items.length < wanted) {
        const page = await this.#fetch(this.#base + at * perWindow + items.length, wanted - items.length, signal);
        this.total = page.total;
        items.push(...page.items);
        if (page.items.length === 0) break;
      }
      // What was under way at a refresh may be of before it.
      if (held !== this.#held) return;
      held.set(at, items);
      this.#stale.delete(at);
      for (const oldest of this.#held.keys()) {
        if (this.#held.size <= maxWindows) break;
        this.#held.delete(oldest);
      }
    } catch (error) {
      if (!signal.aborted) this.problem = toProblem(error);
    } finally {
      this.#flying = false;
      if (!signal.aborted) {
        this.#tell();
        this.#pump();
      }
    }
  }
}
