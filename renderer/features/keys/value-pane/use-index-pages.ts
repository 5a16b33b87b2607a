import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import type { Problem } from '../../../../shared/contract/errors.ts';
import { IndexWindows, type IndexPage } from './index-windows.ts';
import type { Pages } from './use-value-pages.ts';

/**
 * Rows of a value that is read by index or rank: the table has all rows at once, and reads those in view.
 * @param base rows before the first that is shown, `count` how many are shown; `null` = all
 */
export function useIndexPages<T>(
  fetch: (from: number, count: number, signal: AbortSignal) => Promise<IndexPage<T>>,
  options: { length: number; base: number; count: number | null; round: number; onGone: () => void },
  deps: readonly unknown[],
): Pages<T> {
  const { length, base, count, round, onGone } = options;
  // oxlint-disable-next-line react/exhaustive-deps
  const windows = useMemo(() => new IndexWindows<T>(length, base, count, fetch), deps);
  useEffect(() => () => windows.close(), [windows]);
  const seenRound = useRef(round);
  useEffect(() => {
    if (seenRound.current !== round) windows.refresh();
    seenRound.current = round;
  }, [windows, round]);
  const version = useSyncExternalStore(windows.subscribe, () => windows.version);
  const problem: Problem | null = windows.problem;
  const code = problem?.code;
  useEffect(() => {
    if (code === 'KEY_GONE' || code === 'REDIS_WRONG_TYPE') onGone();
  }, [code, onGone]);
  return useMemo(
    () => ({
      count: windows.count,
      item: (index: number) => windows.item(index),
      total: windows.total,
      more: false,
      loading: windows.loading,
      problem,
      looked: windows.total,
      complete: windows.complete,
      full: false,
      version,
      loadMore: () => undefined,
      stop: () => undefined,
      want: (from: number, to: number) => windows.want(from, to),
      retry: () => windows.retry(),
    }),
    [windows, version, problem],
  );
}
