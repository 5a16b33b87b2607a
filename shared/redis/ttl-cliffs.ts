import { runningTotals } from './ttl-edges.ts';

/** Many keys of one namespace that expire almost at once: their readers then miss almost at once. */
export interface Cliff {
  /** ms from now; `to` is not included. */
  from: number;
  to: number;
  keys: number;
  /** Of the namespace's keys that expire at all, 0 to 1. */
  share: number;
  /** Keys a second in its fullest bucket, a bucket shorter than a second counting as one. */
  peakPerSecond: number;
  /** `high`: half of at least 1,000 keys, or 100,000 keys. */
  severity: 'high' | 'notable';
}

/**
 * What counts as a cliff: a window of at most `max(leastWindowMs, widestShare x the time left at its start)` that holds at
 * least `leastShare` of the keys that expire at all, and `leastKeys` keys. Thin ends of it are not shown.
 */
export interface CliffRule {
  leastWindowMs: number;
  widestShare: number;
  leastShare: number;
  leastKeys: number;
}

export const cliffRule: CliffRule = { leastWindowMs: 1000, widestShare: 0.01, leastShare: 0.2, leastKeys: 100 };

export function widestWindow(from: number, rule: CliffRule = cliffRule): number {
  return Math.max(rule.leastWindowMs, from * rule.widestShare);
}

interface Window {
  first: number;
  /** Not included. */
  last: number;
  keys: number;
}

/**
 * The fullest window that the rule lets through among buckets `[low, high)`: most keys first, then the shortest, then the
 * soonest. The open last bucket is in none. A bucket that is itself wider than the rule allows is no window.
 */
function fullestWindow(edges: readonly number[], totals: readonly number[], low: number, high: number, rule: CliffRule): Window | null {
  let best: Window | null = null;
  let last = low;
  for (let first = low; first < high; first += 1) {
    const from = edges[first] as number;
    const end = from + widestWindow(from, rule);
    last = Math.max(last, first);
    while (last < high && (edges[last + 1] ?? Infinity) <= end) last += 1;
    // empty buckets at either end only make it longer
    if (totals[first + 1] === totals[first]) continue;
    let tight = last;
    while (tight > first && totals[tight] === totals[tight - 1]) tight -= 1;
    const keys = (totals[tight] as number) - (totals[first] as number);
    const length = (edges[tight] as number) - from;
    if (keys > 0 && (best === null || keys > best.keys || (keys === best.keys && length < (edges[best.last] as number) - (edges[best.first] as number)))) {
      best = { first, last: tight, keys };
    }
  }
  return best;
}

/** Without thin ends: buckets at either end with less than a quarter of the window's mean density, as long as enough stays. */
function trimmed({ first, last, keys }: Window, edges: readonly number[], counts: readonly number[], least: number): Window {
  const thin = keys / ((edges[last] as number) - (edges[first] as number)) / 4;
  const isThin = (at: number) => (counts[at] as number) < thin * ((edges[at + 1] as number) - (edges[at] as number));
  const window = { first, last, keys };
  const shed = (at: number) => {
    if (window.last - window.first < 2 || !isThin(at) || window.keys - (counts[at] as number) < least) return false;
    window.keys -= counts[at] as number;
    return true;
  };
  while (shed(window.first)) window.first += 1;
  while (shed(window.last - 1)) window.last -= 1;
  return window;
}

/**
 * The cliffs among counts of one namespace, soonest first; they never overlap. Deterministic.
 * @param counts a count for each of `edges`, the last one open
 * @param expiring keys of the namespace that expire at all, within the buckets or not
 */
export function findCliffs(edges: readonly number[], counts: readonly number[], expiring: number, rule: CliffRule = cliffRule): Cliff[] {
  const totals = runningTotals(counts);
  const least = Math.max(rule.leastKeys, rule.leastShare * expiring);
  const found: Window[] = [];
  const ranges: (readonly [number, number])[] = [[0, Math.min(counts.length, edges.length) - 1]];
  for (let range = ranges.pop(); range !== undefined; range = ranges.pop()) {
    const [low, high] = range;
    const window = fullestWindow(edges, totals, low, high, rule);
    if (window === null || window.keys < least) continue;
    found.push(trimmed(window, edges, counts, least));
    ranges.push([low, window.first], [window.last, high]);
  }
  return found
    .toSorted((a, b) => a.first - b.first)
    .map(({ first, last, keys }) => {
      let peak = 0;
      for (let at = first; at < last; at += 1) {
        const seconds = Math.max(1, ((edges[at + 1] as number) - (edges[at] as number)) / 1000);
        peak = Math.max(peak, (counts[at] as number) / seconds);
      }
      const share = keys / expiring;
      const severity = (share >= 0.5 && keys >= 1000) || keys >= 100_000 ? 'high' : 'notable';
      return { from: edges[first] as number, to: edges[last] as number, keys, share, peakPerSecond: peak, severity };
    });
}

/** A span of time that is worth counting finer. */
export interface Candidate {
  from: number;
  to: number;
  keys: number;
}

/**
 * Spans that may hold a cliff, from coarse counts: two neighbouring buckets that together hold enough, and one more on each
 * side; overlapping ones joined. No cliff that the rule names lies outside, as long as no bucket is narrower than half of
 * the widest window there.
 */
export function cliffCandidates(edges: readonly number[], counts: readonly number[], expiring: number, rule: CliffRule = cliffRule): Candidate[] {
  const least = Math.max(rule.leastKeys, rule.leastShare * expiring);
  const spans: Candidate[] = [];
  // the open last bucket has no width to look into
  const end = Math.min(counts.length, edges.length) - 1;
  for (let at = 0; at < end; at += 1) {
    const two = at + 1 < end;
    const keys = (counts[at] as number) + (two ? (counts[at + 1] as number) : 0);
    if (keys < least) continue;
    const from = edges[Math.max(0, at - 1)] as number;
    const to = edges[Math.min(end, at + (two ? 3 : 2))] as number;
    const before = spans.at(-1);
    if (before !== undefined && from <= before.to) {
      before.to = to;
      before.keys = Math.max(before.keys, keys);
    } else {
      spans.push({ from, to, keys });
    }
  }
  return spans;
}

/**
 * Edges that count the fullest candidates finer, `room` of them at most, each bucket a sixteenth of the widest window
 * where there is room. Overlapping candidates, of several namespaces, share their edges.
 */
export function fineEdges(candidates: readonly Candidate[], room = 510, rule: CliffRule = cliffRule): number[] {
  const joined: { from: number; to: number }[] = [];
  for (const { from, to } of candidates.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else joined.push({ from, to });
  }
  const each = Math.floor((room - 1) / Math.max(1, joined.length)) - 1;
  const edges = new Set([0]);
  for (const { from, to } of joined) {
    const wanted = Math.ceil((to - from) / (widestWindow(from, rule) / 16));
    const count = Math.max(1, Math.min(each, wanted));
    for (let at = 0; at <= count; at += 1) edges.add(Math.round(from + ((to - from) * at) / count));
  }
  return [...edges].toSorted((a, b) => a - b);
}
