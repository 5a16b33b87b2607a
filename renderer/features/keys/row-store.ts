import type { Exactness, Row, RowPage } from '../../../shared/contract/keys.ts';
import {
  moveRows,
  moveSpan,
  pageCovers,
  placeAfterToggle,
  refKey,
  requestFor,
  type RowRef,
  type RowSpan,
} from './row-window.ts';

/** What the list draws. A new object after every change. */
export interface RowsState {
  readonly rows: ReadonlyMap<number, Row>;
  readonly total: number;
  /** Keys that pass the filter. */
  readonly keys: number;
  readonly exactness: Exactness;
  /** The rows are in the order before; the new one is being made. */
  readonly sorting: boolean;
  readonly version: number;
  /** False until the first page is there. */
  readonly ready: boolean;
  /** The last failure; rows of before stay in view. */
  readonly failure: unknown;
  /** Rows by which what is in view has moved, ever: the list scrolls by the difference. */
  readonly shifted: number;
}

export type FetchRows = (request: { from: number; count: number; anchor: RowRef | null }) => Promise<RowPage>;

/** Tells where rows went: the present place of a row number of before, or `null`. */
export type PlaceOf = (row: number) => number | null;

const emptyState: RowsState = { rows: new Map(), total: 0, keys: 0, exactness: 'atLeast', sorting: false, version: -1, ready: false, failure: null, shifted: 0 };

/** Rows remembered beyond what is in view. */
const maxRemembered = 4000;
/** While the scan runs fast, rows can move again between two calls: after this many the newest answer is taken. */
const maxAttempts = 4;
const maxRounds = 8;
/** Edges of the selection looked up one by one on a refresh, beyond those in the page. */
const maxLookups = 6;

/**
 * The rows of one view around what is in view. One call is under way at a time; rows of an older version are shown
 * until newer ones are there; the anchor row keeps its place on the screen when rows appear above it.
 */
export class RowStore {
  private readonly fetchRows: FetchRows;
  private state = emptyState;
  private span: RowSpan = { first: 0, last: 40 };
  /** Row that must not move on the screen; `null` at the very top, where the beginning stays in view. */
  private pinned: number | null = null;
  private edges: () => readonly number[] = () => [];
  private readonly movers = new Set<(placeOf: PlaceOf, total: number) => void>();
  private readonly listeners = new Set<() => void>();
  /** Row numbers whose rows are of the present version. */
  private fresh = new Set<number>();
  private dirty = true;
  private busy = false;
  private closed = false;
  /** Grows when a toggle or a jump makes the answers under way meaningless. */
  private epoch = 0;

  /** `first`: the rows from the top that came with the view. */
  constructor(fetchRows: FetchRows, first: RowPage | null = null) {
    this.fetchRows = fetchRows;
    if (first === null) return;
    this.take(first, new Map());
    this.dirty = false;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): RowsState => this.state;

  /** `edges` are row numbers to follow (the selection's); `onMove` learns where they went. */
  follow(edges: () => readonly number[], onMove: (placeOf: PlaceOf, total: number) => void): () => void {
    this.edges = edges;
    this.movers.add(onMove);
    return () => this.movers.delete(onMove);
  }

  show(span: RowSpan, pinned: number | null): void {
    this.span = span;
    this.pinned = pinned;
    void this.pump();
  }

  /** The index has changed. */
  refresh(): void {
    this.dirty = true;
    void this.pump();
  }

  /** The folder at `at` was opened or closed by the host and the view has `total` rows now. */
  toggled(at: number, open: boolean, total: number): void {
    const delta = total - this.state.total;
    const place = placeAfterToggle(at, delta);
    const rows = moveRows(this.state.rows, place);
    const row = rows.get(at);
    if (row?.kind === 'folder') rows.set(at, { ...row, open });
    this.epoch += 1;
    this.dirty = true;
    this.fresh = new Set();
    this.publish({ rows, total });
    void this.pump();
  }

  /** The rows may be entirely elsewhere (a reveal opened folders): loads around `at` before it shows anything. */
  async jump(at: number): Promise<void> {
    this.epoch += 1;
    const epoch = this.epoch;
    const height = this.span.last - this.span.first;
    const first = Math.max(0, at - Math.floor(height / 2));
    const page = await this.fetchRows({ ...requestFor({ first, last: first + height }), anchor: null });
    if (this.closed || epoch !== this.epoch) return;
    this.fresh = new Set();
    this.span = moveSpan({ first, last: first + height }, 0, page.total);
    this.take(page, new Map());
    this.dirty = false;
  }

  close(): void {
    this.closed = true;
    this.listeners.clear();
    this.movers.clear();
  }

  private async pump(): Promise<void> {
    if (this.busy || this.closed) return;
    this.busy = true;
    try {
      // A view that gives fewer rows than it says it has must not be asked for ever.
      for (let round = 0; !this.closed && (this.dirty || (!this.covered() && round < maxRounds)); round += 1) {
        this.dirty = false;
        await this.load();
      }
    } catch (failure) {
      // Shown in place by the list; the next refresh or scroll tries again.
      if (!this.closed) this.publish({ failure });
    } finally {
      this.busy = false;
    }
  }

  private covered(): boolean {
    for (let at = this.span.first; at <= Math.min(this.span.last, this.state.total - 1); at += 1) {
      if (!this.fresh.has(at)) return false;
    }
    return this.state.ready;
  }

  private async load(): Promise<void> {
    const epoch = this.epoch;
    const anchorAt = this.pinned ?? this.span.first;
    const anchor = this.state.rows.get(anchorAt) ?? null;
    const ref = anchor && { kind: anchor.kind, id: anchor.id };
    let request = requestFor(this.span);
    let page: RowPage | null = null;
    let delta = 0;
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      page = await this.fetchRows({ ...request, anchor: ref });
      if (this.closed || epoch !== this.epoch) return;
      delta = page.anchorAt === null ? 0 : page.anchorAt - anchorAt;
      const wanted = moveSpan(this.span, this.pinned === null ? 0 : delta, page.total);
      if (pageCovers(page, wanted)) break;
      request = requestFor(wanted);
    }
    if (!page) return;
    const moved = page.version !== this.state.version || delta !== 0;
    const placeOf = moved ? await this.placesIn(page, delta) : (row: number) => row;
    if (this.closed || epoch !== this.epoch) return;
    const kept = moved ? moveRows(this.state.rows, (row) => row + delta) : new Map(this.state.rows);
    if (moved) this.fresh = new Set();
    const scrolled = this.pinned === null ? 0 : delta;
    this.span = moveSpan(this.span, scrolled, page.total);
    if (this.pinned !== null) this.pinned += delta;
    if (moved) for (const tell of this.movers) tell(placeOf, page.total);
    this.take(page, kept, scrolled);
  }

  /** Finds the followed rows by identity: in the page, else one by one, else by the anchor's own shift. */
  private async placesIn(page: RowPage, delta: number): Promise<PlaceOf> {
    const inPage = new Map(page.rows.map((row, at) => [refKey(row), page.from + at]));
    const places = new Map<number, number | null>();
    let lookups = 0;
    for (const edge of this.edges()) {
      const row = this.state.rows.get(edge);
      if (!row) continue;
      const found = inPage.get(refKey(row));
      if (found !== undefined) places.set(edge, found);
      else if (lookups < maxLookups) {
        lookups += 1;
        places.set(edge, (await this.fetchRows({ from: 0, count: 1, anchor: { kind: row.kind, id: row.id } })).anchorAt);
      }
    }
    return (row) => (places.has(row) ? (places.get(row) ?? null) : row + delta);
  }

  private take(page: RowPage, kept: Map<number, Row>, scrolled = 0): void {
    for (const at of kept.keys()) if (at >= page.total) kept.delete(at);
    for (const [at, row] of page.rows.entries()) {
      kept.set(page.from + at, row);
      this.fresh.add(page.from + at);
    }
    if (kept.size > maxRemembered) this.forgetFar(kept);
    this.publish({
      rows: kept,
      total: page.total,
      keys: page.keys,
      exactness: page.exactness,
      sorting: page.sorting,
      version: page.version,
      ready: true,
      failure: null,
      shifted: this.state.shifted + scrolled,
    });
  }

  private forgetFar(rows: Map<number, Row>): void {
    const middle = (this.span.first + this.span.last) / 2;
    const near = maxRemembered / 4;
    for (const at of rows.keys()) {
      if (Math.abs(at - middle) <= near) continue;
      rows.delete(at);
      this.fresh.delete(at);
    }
  }

  private publish(change: Partial<RowsState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}
