import { useEffect, useMemo, useRef, useState } from 'react';
import type { Problem } from '../../../../../shared/contract/errors.ts';
import type { ValuePage } from '../../../../../shared/contract/values.ts';
import { toProblem } from '../../../../lib/to-problem.ts';
import type { Pages } from '../use-value-pages.ts';

export type Entry = Extract<ValuePage, { type: 'stream' }>['items'][number];

/** Entries kept, newest first. */
const maxKept = 1000;
const everyMs = 1000;
/** A tail that nobody stopped ends by itself. */
const longestMs = 10 * 60_000;
const perPoll = 200;
const pollsInARow = 5;

type ReadPage = (start: string, reverse: boolean, count: number, signal: AbortSignal) => Promise<ValuePage>;

export interface Tail {
  readonly pages: Pages<Entry>;
  /** Entries that came since it began. */
  readonly came: number;
  /** More came than could be shown: some are left out of the list. */
  readonly skipped: boolean;
  readonly ended: boolean;
}

interface Seen {
  entries: readonly Entry[];
  total: number;
  came: number;
  skipped: boolean;
}

const nothing: Seen = { entries: [], total: 0, came: 0, skipped: false };

/** Follows the end of a stream by one XRANGE a second, for ten minutes, unless paused. */
export function useTail(read: ReadPage, options: { on: boolean; paused: boolean; onGone: () => void }, deps: readonly unknown[]): Tail {
  const { on, paused, onGone } = options;
  const [seen, setSeen] = useState<Seen>(nothing);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [ended, setEnded] = useState(false);
  const [round, setRound] = useState(0);
  const latest = useRef({ read, onGone, last: null as string | null, until: 0 });
  useEffect(() => {
    Object.assign(latest.current, { read, onGone });
  });
  useEffect(() => {
    setSeen(nothing);
    setProblem(null);
    setEnded(false);
    Object.assign(latest.current, { last: null, until: Date.now() + longestMs });
    // oxlint-disable-next-line react/exhaustive-deps
  }, [on, round, ...deps]);

  useEffect(() => {
    if (!on || paused || ended) return undefined;
    const leaving = new AbortController();
    const { signal } = leaving;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const poll = async () => {
      const { current } = latest;
      try {
        if (current.last === null) {
          const newest = await current.read('', true, 20, signal);
          if (signal.aborted || newest.type !== 'stream') return;
          current.last = newest.items[0]?.id ?? '0-0';
          setSeen({ ...nothing, entries: newest.items, total: newest.total });
        } else {
          for (let at = 0; at < pollsInARow; at += 1) {
            const page: ValuePage = await current.read(`(${current.last}`, false, perPoll, signal);
            if (signal.aborted || page.type !== 'stream') return;
            current.last = page.items.at(-1)?.id ?? current.last;
            setSeen((before) => ({
              entries: page.items.length === 0 ? before.entries : [...page.items.toReversed(), ...before.entries].slice(0, maxKept),
              total: page.total,
              came: before.came + page.items.length,
              skipped: before.skipped,
            }));
            if (page.next === null) break;
            if (at === pollsInARow - 1) {
              // Faster than it can be read: go on at the end.
              current.last = null;
              setSeen((before) => ({ ...before, skipped: true }));
            }
          }
        }
        setProblem(null);
        if (Date.now() >= current.until) setEnded(true);
        else timer = setTimeout(() => void poll(), everyMs);
      } catch (error) {
        if (signal.aborted) return;
        const met = toProblem(error);
        if (met.code === 'KEY_GONE' || met.code === 'REDIS_WRONG_TYPE') current.onGone();
        setProblem(met);
      }
    };
    void poll();
    return () => {
      leaving.abort();
      clearTimeout(timer);
    };
    // oxlint-disable-next-line react/exhaustive-deps
  }, [on, paused, ended, round, ...deps]);

  const pages = useMemo<Pages<Entry>>(
    () => ({
      count: seen.entries.length,
      item: (index) => seen.entries[index],
      total: seen.total,
      more: false,
      loading: seen === nothing && problem === null,
      problem,
      looked: 0,
      full: false,
      complete: false,
      version: seen.came,
      loadMore: () => undefined,
      stop: () => undefined,
      retry: () => setRound((before) => before + 1),
    }),
    [seen, problem],
  );
  return { pages, came: seen.came, skipped: seen.skipped, ended };
}
