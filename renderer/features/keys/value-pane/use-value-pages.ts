import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Problem } from '../../../../shared/contract/errors.ts';
import type { ValuePage } from '../../../../shared/contract/values.ts';
import { toProblem } from '../../../lib/to-problem.ts';

type Paged = Exclude<ValuePage, { type: 'string' | 'other' }>;

/** Rows of a value, however they are read. */
export interface Pages<T> {
  /** Rows that the table has: those loaded, or all of a value that is read by index. */
  readonly count: number;
  /** `undefined` while it is read. */
  readonly item: (index: number) => T | undefined;
  /** Elements of the whole value. */
  readonly total: number;
  /** There is more to load by `loadMore`. */
  readonly more: boolean;
  readonly loading: boolean;
  readonly problem: Problem | null;
  /** Elements looked at by a filter, about; all of them once there is no more. */
  readonly looked: number;
  /** As many are loaded as are kept: no more is loaded. */
  readonly full: boolean;
  /** Every row is here. */
  readonly complete: boolean;
  /** Grows whenever rows come. */
  readonly version: number;
  readonly loadMore: () => void;
  /** Ends a search that goes on by itself. */
  readonly stop: () => void;
  /** Rows in view, for values that are read by index. */
  readonly want?: (from: number, to: number) => void;
  readonly retry: () => void;
}

interface Source<T> {
  fetch: (cursor: string | null, signal: AbortSignal) => Promise<ValuePage>;
  read: (page: Paged) => readonly T[];
  /** Identity of an element: HSCAN and SSCAN may give one twice. `null` = cannot come twice. */
  identity: ((item: T) => string) | null;
  onGone: () => void;
  /** Looks on by itself until enough is found or all was looked at. */
  filtered?: boolean;
}

/** Rows that are kept in the page; the filter finds what is beyond. */
export const maxLoaded = 200_000;
const enough = 40;

/** What was read so far; grows in place, since copying all rows for each page would cost their square. */
interface Held<T> {
  readonly items: T[];
  readonly seen: Set<string>;
  total: number;
  next: string | null;
  started: boolean;
  looked: number;
}

function nothing<T>(): Held<T> {
  return { items: [], seen: new Set(), total: 0, next: null, started: false, looked: 0 };
}

/**
 * The pages of one value, appended by the server's own cursor. Reading again (`deps` change) keeps what is shown until
 * the first new page is there.
 */
export function useValuePages<T>(source: Source<T>, deps: readonly unknown[]): Pages<T> {
  const [shown, setShown] = useState<{ held: Held<T>; version: number }>(() => ({ held: nothing(), version: 0 }));
  const [loading, setLoading] = useState(true);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  const latest = useRef(source);
  const present = useRef({ signal: new AbortController().signal, busy: false, stopped: false });
  useEffect(() => {
    latest.current = source;
  });

  const load = useCallback(async (held: Held<T>, signal: AbortSignal) => {
    const { fetch, read, identity, filtered = false } = latest.current;
    const { current } = present;
    setLoading(true);
    current.busy = true;
    current.stopped = false;
    try {
      const wanted = held.items.length + enough;
      for (;;) {
        const found = await fetch(held.next, signal);
        if (signal.aborted || found.type === 'string' || found.type === 'other') return;
        for (const item of read(found)) {
          const key = identity?.(item);
          if (key !== undefined && held.seen.has(key)) continue;
          if (key !== undefined) held.seen.add(key);
          held.items.push(item);
        }
        const looked = 'looked' in found ? Math.round(found.looked * found.total) : held.items.length;
        Object.assign(held, { total: found.total, next: found.next, started: true, looked: found.next === null ? found.total : looked });
        setShown((before) => ({ held, version: before.version + 1 }));
        const goesOn = found.next !== null && held.items.length < wanted && (filtered || held.items.length === 0);
        if (!goesOn || current.stopped) break;
      }
      setProblem(null);
    } catch (error) {
      if (signal.aborted) return;
      const met = toProblem(error);
      if (met.code === 'KEY_GONE' || met.code === 'REDIS_WRONG_TYPE') latest.current.onGone();
      setProblem(met);
    } finally {
      if (!signal.aborted) {
        current.busy = false;
        setLoading(false);
      }
    }
  }, []);

  useEffect(() => {
    const leaving = new AbortController();
    present.current = { signal: leaving.signal, busy: false, stopped: false };
    void load(nothing(), leaving.signal);
    return () => leaving.abort();
    // oxlint-disable-next-line react/exhaustive-deps
  }, [load, round, ...deps]);

  const { held, version } = shown;
  const full = held.items.length >= maxLoaded;
  const loadMore = useCallback(() => {
    if (present.current.busy || !held.started || held.next === null || held.items.length >= maxLoaded) return;
    void load(held, present.current.signal);
  }, [held, load]);
  const stop = useCallback(() => {
    present.current.stopped = true;
  }, []);
  const retry = useCallback(() => setRound((before) => before + 1), []);
  return useMemo(
    () => ({
      count: held.items.length,
      item: (index: number) => held.items[index],
      total: held.total,
      more: held.next !== null && !full,
      loading,
      problem,
      looked: held.looked,
      complete: held.started && held.next === null,
      full: full && held.next !== null,
      version,
      loadMore,
      stop,
      retry,
    }),
    [held, full, version, loading, problem, loadMore, stop, retry],
  );
}
