/** Time that a slice of background work takes at most, ms: calls wait no longer than that. */
export const sliceMs = 8;

/** Work that goes on behind the calls. */
interface Work {
  /** Whether there is something to do now. */
  readonly busy: boolean;
  /** When time alone makes something to do, by performance.now(); Infinity = never. */
  readonly dueAt: number;
  /** Works until the deadline. */
  slice(deadline: number): void;
}

export function yieldTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Keeps work moving in slices until there is nothing left to do, and wakes it when time has gone by. */
export class SlicedWork {
  readonly #work: Work;
  #timer: NodeJS.Timeout | null = null;
  #working = false;
  #closed = false;

  constructor(work: Work) {
    this.#work = work;
  }

  /** There may be something to do. */
  go(): void {
    if (this.#working || this.#closed) return;
    if (!this.#work.busy) {
      this.#later();
      return;
    }
    this.#working = true;
    setImmediate(() => {
      this.#working = false;
      if (this.#closed) return;
      this.#work.slice(performance.now() + sliceMs);
      this.go();
    });
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #later(): void {
    const { dueAt } = this.#work;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = dueAt === Infinity ? null : setTimeout(() => this.go(), Math.max(1, dueAt - performance.now())).unref();
  }
}
