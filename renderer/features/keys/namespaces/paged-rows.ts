/** A page of anything that the host gives by number. */
export interface RowsPage<T> {
  readonly rows: readonly T[];
  readonly from: number;
  readonly total: number;
}

export interface PagedState<T, P extends RowsPage<T>> {
  readonly rows: ReadonlyMap<number, T>;
  readonly total: number;
  /** The newest page, for what it says beside its rows; `null` before the first. */
  readonly page: P | null;
  /** The last failure; rows of before stay. */
  readonly failure: unknown;
}

const pageRows = 100;

/** Rows of one question, fetched a page at a time around what is in view; one call is under way at a time. */
export class PagedRows<T, P extends RowsPage<T>> {
  private readonly fetchPage: (from: number, count: number) => Promise<P>;
  private state: PagedState<T, P> = { rows: new Map(), total: 0, page: null, failure: null };
  private readonly listeners = new Set<() => void>();
  /** Pages whose rows are of the present round. */
  private fresh = new Set<number>();
  private span = { first: 0, last: 40 };
  private pumping = false;
  private closed = false;

  constructor(fetchPage: (from: number, count: number) => Promise<P>) {
    this.fetchPage = fetchPage;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** A call is under way. */
  get busy(): boolean {
    return this.pumping;
  }

  readonly snapshot = (): PagedState<T, P> => this.state;

  /** Rows `first` to `last`, both included, are in view. */
  show(first: number, last: number): void {
    this.span = { first, last };
    void this.pump();
  }

  /** What was asked about has changed: what is in view is asked for again, rows of before stay until then. */
  refresh(): void {
    this.fresh = new Set();
    void this.pump();
  }

  close(): void {
    this.closed = true;
    this.listeners.clear();
  }

  private missing(): number | null {
    const last = this.state.page === null ? this.span.last : Math.min(this.span.last, Math.max(0, this.state.total - 1));
    for (let page = Math.floor(this.span.first / pageRows); page <= Math.floor(last / pageRows); page += 1) {
      if (!this.fresh.has(page)) return page;
    }
    return null;
  }

  private async pump(): Promise<void> {
    if (this.pumping) return;
    this.pumping = true;
    try {
      for (let page = this.missing(); page !== null && !this.closed; page = this.missing()) {
        const { fresh } = this;
        const answer = await this.fetchPage(page * pageRows, pageRows);
        if (this.closed) return;
        fresh.add(page);
        this.take(answer);
      }
    } catch (failure) {
      // Shown in place; the next scroll or refresh asks again.
      if (!this.closed) this.publish({ ...this.state, failure });
    } finally {
      this.pumping = false;
    }
  }

  private take(page: P): void {
    const rows = new Map(this.state.rows);
    for (const at of rows.keys()) if (at >= page.total) rows.delete(at);
    for (const [at, row] of page.rows.entries()) rows.set(page.from + at, row);
    this.publish({ rows, total: page.total, page, failure: null });
  }

  private publish(state: PagedState<T, P>): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}
