import type { LiveSnapshot } from '../../../../shared/contract/live-events.ts';

export type LiveEventKind = LiveSnapshot['kinds'][number]['kind'];

export interface LivePoint {
  /** Whole second, Unix ms. */
  at: number;
  counts: Readonly<Partial<Record<LiveEventKind, number>>>;
}

/** Seconds shown. */
export const historySeconds = 120;

interface Totals {
  since: number;
  at: number;
  totals: Partial<Record<LiveEventKind, number>>;
}

/**
 * Events by second, out of totals that only grow: what a snapshot has more than the one before counts for the second in
 * which it came. A new `since` begins anew.
 */
export class LiveHistory {
  #last: Totals | null = null;
  #points: LivePoint[] = [];

  take(snapshot: Pick<LiveSnapshot, 'since' | 'kinds'>, now: number): void {
    const totals = Object.fromEntries(snapshot.kinds.map(({ kind, total }) => [kind, total])) as Totals['totals'];
    const last = this.#last?.since === snapshot.since ? this.#last : null;
    if (last === null) this.#points = [];
    this.#last = { since: snapshot.since, at: now, totals };
    const at = Math.floor(now / 1000) * 1000;
    const counts: Partial<Record<LiveEventKind, number>> = {};
    for (const { kind, total } of snapshot.kinds) counts[kind] = Math.max(0, total - (last === null ? total : (last.totals[kind] ?? 0)));
    const open = this.#points.at(-1);
    if (open?.at === at) {
      const merged = { ...open.counts };
      for (const { kind } of snapshot.kinds) merged[kind] = (merged[kind] ?? 0) + (counts[kind] ?? 0);
      this.#points[this.#points.length - 1] = { at, counts: merged };
    } else {
      this.#points.push({ at, counts });
    }
    this.#points = this.#points.filter((point) => point.at > at - historySeconds * 1000);
  }

  /** One for each of the last seconds; `null` where nothing was heard: a gap is drawn as a gap. */
  seconds(now: number): (LivePoint | null)[] {
    const end = Math.floor(now / 1000) * 1000;
    const byTime = new Map(this.#points.map((point) => [point.at, point]));
    return Array.from({ length: historySeconds }, (_, at) => byTime.get(end - (historySeconds - 1 - at) * 1000) ?? null);
  }
}
