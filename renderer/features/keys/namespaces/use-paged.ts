import { startTransition, useCallback, useEffect, useRef, useState, type DependencyList } from 'react';
import type { KeyIndex } from '../use-key-index.ts';
import { PagedRows, type PagedState, type RowsPage } from './paged-rows.ts';

/** While the index moves, a question about many keys is asked this often at most. */
const askEveryMs = 1500;
/** How often to look whether the question before is answered. */
const lookEveryMs = 250;

/**
 * The version of the index for a question that may take a second for each million keys: never a new one while `asking`
 * says that the question before is under way, and then a rest of twice as long as that took, so that questions take a
 * third of the index's time at most.
 */
export function useSteadyVersion(index: KeyIndex, asking: { readonly current: () => boolean }): number {
  const [steady, setSteady] = useState(() => index.feed.get().snapshot?.version ?? 0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let waited = 0;
    let toldAt = 0;
    let told: number | null = null;
    const now = () => index.feed.get().snapshot?.version ?? 0;
    const step = () => {
      timer = undefined;
      if (asking.current()) {
        waited += lookEveryMs;
        timer = setTimeout(step, lookEveryMs);
      } else if (waited > 0) {
        timer = setTimeout(step, waited * 2);
        waited = 0;
      } else {
        toldAt = Date.now();
        told = now();
        setSteady(told);
      }
    };
    const look = () => {
      if (timer === undefined && now() !== told) timer = setTimeout(step, Math.max(0, toldAt + askEveryMs - Date.now()));
    };
    look();
    const leave = index.feed.subscribe(look);
    return () => {
      clearTimeout(timer);
      leave();
    };
  }, [index, asking]);
  return steady;
}

const nothing = { rows: new Map<number, never>(), total: 0, page: null, failure: null };

interface Paged<T, P extends RowsPage<T>> {
  state: PagedState<T, P>;
  show: (first: number, last: number) => void;
  refresh: () => void;
  /** A call is under way. */
  asking: () => boolean;
}

/** Rows of a question; a change of `deps` is another question, a change of `version` the same one again. */
export function usePaged<T, P extends RowsPage<T>>(fetchPage: (from: number, count: number) => Promise<P>, deps: DependencyList, version: number): Paged<T, P> {
  const latest = useRef(fetchPage);
  useEffect(() => {
    latest.current = fetchPage;
  });
  const [shown, setShown] = useState<{ store: PagedRows<T, P>; state: PagedState<T, P> } | null>(null);
  const store = shown?.store ?? null;
  const newest = useRef<PagedRows<T, P> | null>(null);
  useEffect(() => {
    const ask = latest.current;
    const store = new PagedRows<T, P>(ask);
    newest.current = store;
    store.subscribe(() => {
      const state = store.snapshot();
      // The answer to the question before stays until there is one to this.
      if (state.page === null && state.failure === null) return;
      // A hundred rows at once are drawn in slices, so that a scroll or a key gets in between.
      startTransition(() => setShown({ store, state }));
    });
    store.show(0, 60);
    return () => store.close();
    // The question belongs to the dependencies that its caller names.
    // oxlint-disable-next-line react/exhaustive-deps
  }, deps);
  const answered = useRef<unknown>(null);
  useEffect(() => {
    // A new store has just asked for itself.
    if (answered.current === store) store?.refresh();
    answered.current = store;
  }, [store, version]);
  const state: PagedState<T, P> = shown?.state ?? nothing;
  const show = useCallback((first: number, last: number) => store?.show(first, last), [store]);
  const refresh = useCallback(() => store?.refresh(), [store]);
  const asking = useCallback(() => newest.current?.busy ?? false, []);
  return { state, show, refresh, asking };
}
