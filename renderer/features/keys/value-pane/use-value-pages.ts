import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Problem } from '../../../../shared/contract/errors.ts';
import type { ValuePage } from '../../../../shared/contract/values.ts';
import { toProblem } from '../../../lib/to-problem.ts';

type Paged = Exclude<ValuePage, { type: 'string' | 'other' }>;

export interface Pages<T> {
  readonly items: readonly T[];
  /** Elements of the whole value. */
  readonly total: number;
  /** There is more to load. */
  readonly more: boolean;
  readonly loading: boolean;
  readonly problem: Problem | null;
  /** Pages looked at, those without a match included. */
  readonly pages: number;
  readonly loadMore: () => void;
  readonly retry: () => void;
}

interface Source<T> {
  fetch: (cursor: string | null, signal: AbortSignal) => Promise<ValuePage>;
  read: (page: Paged) => readonly T[];
  /** Identity of an element: HSCAN and SSCAN may give one twice. `null` = cannot come twice. */
  identity: ((item: T) => string) | null;
  onGone: () => void;
}

interface Held<T> {
  items: T[];
  total: number;
  next: string | null;
  started: boolean;
  pages: number;
}

/** A filter that finds little goes on by itself for this many pages, then asks. */
const pagesInARow = 20;
const enough = 40;

/**
 * The pages of one value, appended by the server's own cursor. Reading again (`deps` change) keeps what is shown until
 * the first new page is there.
 */
export function useValuePages<T>(source: Source<T>, deps: readonly unknown[]): Pages<T> {
  const [held, setHeld] = useState<Held<T>>({ items: [], total: 0, next: null, started: false, pages: 0 });
  const [loading, setLoading] = useState(true);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  const latest = useRef(source);
  const present = useRef({ signal: new AbortController().signal, busy: false });
  useEffect(() => {
    latest.current = source;
  });

  const load = useCallback(async (before: Held<T>, signal: AbortSignal) => {
    const { fetch, read, identity } = latest.current;
    setLoading(true);
    present.current.busy = true;
    try {
      const seen = new Set(identity === null ? [] : before.items.map(identity));
      const grown: Held<T> = { ...before, items: [...before.items] };
      const wanted = before.items.length + enough;
      for (let page = 0; page < pagesInARow; page += 1) {
        const found = await fetch(grown.next, signal);
        if (signal.aborted) return;
        if (found.type === 'string' || found.type === 'other') return;
        for (const item of read(found)) {
          const key = identity?.(item);
          if (key !== undefined && seen.has(key)) continue;
          if (key !== undefined) seen.add(key);
          grown.items.push(item);
        }
        Object.assign(grown, { total: found.total, next: found.next, started: true, pages: grown.pages + 1 });
        if (found.next === null || grown.items.length >= wanted) break;
      }
      setHeld(grown);
      setProblem(null);
    } catch (error) {
      if (signal.aborted) return;
      const met = toProblem(error);
      if (met.code === 'KEY_GONE' || met.code === 'REDIS_WRONG_TYPE') latest.current.onGone();
      setProblem(met);
    } finally {
      if (!signal.aborted) {
        present.current.busy = false;
        setLoading(false);
      }
    }
  }, []);

  useEffect(() => {
    const leaving = new AbortController();
    present.current = { signal: leaving.signal, busy: false };
    void load({ items: [], total: 0, next: null, started: false, pages: 0 }, leaving.signal);
    return () => leaving.abort();
    // oxlint-disable-next-line react/exhaustive-deps
  }, [load, round, ...deps]);

  const loadMore = useCallback(() => {
    if (present.current.busy || !held.started || held.next === null) return;
    void load(held, present.current.signal);
  }, [held, load]);
  const retry = useCallback(() => setRound((before) => before + 1), []);
  return useMemo(
    () => ({ items: held.items, total: held.total, more: held.next !== null, loading, problem, pages: held.pages, loadMore, retry }),
    [held, loading, problem, loadMore, retry],
  );
}
