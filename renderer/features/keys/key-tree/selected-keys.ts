import type { WireBytes } from '../../../../shared/bytes.ts';
import type { HostClient } from '../../../../shared/contract/contract.ts';
import type { Row } from '../../../../shared/contract/keys.ts';
import { rowsPerCall } from '../row-window.ts';
import type { RowStore } from '../row-store.ts';
import { normaliseRanges, type RowRange } from '../selection.ts';

/** The contract gives at most this many names in one call. */
export const maxNames = 100_000;
/** Rows fetched at most to count a selection that is not in view. */
const maxCounted = 10_000;

/** Gives the row at a place, from the store or fetched with its neighbours. */
export type RowAt = (at: number) => Promise<Row | undefined>;

export function rowReader(client: HostClient, viewId: string, store: RowStore): RowAt {
  const fetched = new Map<number, Row>();
  return async (at) => {
    const { rows, total } = store.snapshot();
    if (at < 0 || at >= total) return undefined;
    const known = rows.get(at) ?? fetched.get(at);
    if (known) return known;
    const page = await client.keys.rows({ viewId, from: at, count: rowsPerCall, anchor: null });
    for (const [offset, row] of page.rows.entries()) fetched.set(page.from + offset, row);
    return fetched.get(at);
  };
}

/**
 * Ranges that take in everything a selected folder stands for: for an open folder also its rows beyond the range's
 * end (a closed one gives its keys by itself).
 */
export async function withContents(ranges: readonly RowRange[], rowAt: RowAt): Promise<RowRange[]> {
  const whole: RowRange[] = [];
  for (const { from, to } of ranges) {
    let depth = (await rowAt(to))?.depth ?? 0;
    let outer: number | null = null;
    for (let at = to - 1; at >= Math.max(from, to - maxCounted) && depth > 0; at -= 1) {
      const row = await rowAt(at);
      if (row?.kind === 'folder' && row.depth < depth) {
        depth = row.depth;
        outer = row.depth;
      }
    }
    const end = outer === null ? to : await endOfContents(to, outer, rowAt);
    whole.push({ from, to: end });
  }
  return normaliseRanges(whole);
}

/** The first row from `from` on that is not deeper than `depth`. */
async function endOfContents(from: number, depth: number, rowAt: RowAt): Promise<number> {
  for (let at = from; at - from < maxCounted; at += 1) {
    const row = await rowAt(at);
    if (!row || row.depth <= depth) return at;
  }
  return from + maxCounted;
}

/** Keys that the ranges stand for; `complete` is false when there are too many rows to look at each. */
export async function countKeys(ranges: readonly RowRange[], rowAt: RowAt): Promise<{ keys: number; complete: boolean }> {
  let keys = 0;
  let left = maxCounted;
  for (const { from, to } of await withContents(ranges, rowAt)) {
    for (let at = from; at < to; at += 1) {
      if (left === 0) return { keys, complete: false };
      left -= 1;
      const row = await rowAt(at);
      if (row?.kind === 'key') keys += 1;
      else if (row?.kind === 'folder' && !row.open) keys += row.keys;
    }
  }
  return { keys, complete: true };
}

/** Rejects with LIMIT_EXCEEDED above `maxNames`. */
export async function selectedNames(client: HostClient, viewId: string, ranges: readonly RowRange[], rowAt: RowAt): Promise<WireBytes[]> {
  const whole = await withContents(ranges, rowAt);
  return (await client.keys.names({ viewId, ranges: whole.slice(0, 1000), limit: maxNames })).names;
}
