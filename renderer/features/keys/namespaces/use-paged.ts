import { useEffect, useRef, useState, useSyncExternalStore, type DependencyList } from 'react';
import { useSignal } from '../signal.ts';
import type { KeyIndex } from '../use-key-index.ts';
import { PagedRows, type PagedState, type RowsPage } from './paged-rows.ts';

/** A question about many keys may take a second for each million: while the index moves it is asked this often at most. */
export const askEveryMs = 1500;

/** The version of the index, at most one step in `askEveryMs`. */
export function useSteadyVersion(index: KeyIndex): number {
  const version = useSignal(index.feed, (feed) => feed.snapshot?.version ?? 0);
  const [steady, setSteady] = useState(version);
  const last = useRef(0);
  useEffect(() => {
    if (version === steady) return undefined;
    const timer = setTimeout(
      () => {
        last.current = Date.now();
        setSteady(version);
      },
      Math.max(0, last.current + askEveryMs - Date.now()),
    );
    return () => clearTimeout(timer);
  }, [version, steady]);
  return steady;
}

const nothing = { rows: new Map<number, never>(), total: 0, page: null, failure: null };

interface Paged<T, P extends RowsPage<T>> {
  state: PagedState<T, P>;
  show: (first: number, last: number) => void;
  refresh: () => void;
  /** The question that the rows answer: a new one keeps the rows before in view until it has its own. */
  answers: number;
}

/** Rows of a question; a change of `deps` is another question, a change of `version` the same one again. */
export function usePaged<T, P extends RowsPage<T>>(fetchPage: (from: number, count: number) => Promise<P>, deps: DependencyList, version: number): Paged<T, P> {
  const latest = useRef(fetchPage);
  useEffect(() => {
    latest.current = fetchPage;
  });
  const [shown, setShown] = useState<{ store: PagedRows<T, P>; number: number } | null>(null);
  const count = useRef(0);
  useEffect(() => {
    const ask = latest.current;
    const store = new PagedRows<T, P>(ask);
    const number = (count.current += 1);
    const look = () => {
      const { page, failure } = store.snapshot();
      if (page === null && failure === null) return;
      leave();
      setShown({ store, number });
    };
    const leave = store.subscribe(look);
    store.show(0, 60);
    return () => store.close();
    // The question belongs to the dependencies that its caller names.
    // oxlint-disable-next-line react/exhaustive-deps
  }, deps);
  const store = shown?.store ?? null;
  const answered = useRef<unknown>(null);
  useEffect(() => {
    // A new store has just asked for itself.
    if (answered.current === store) store?.refresh();
    answered.current = store;
  }, [store, version]);
  const state = useSyncExternalStore<PagedState<T, P>>(store?.subscribe ?? neverChanges, store?.snapshot ?? (() => nothing));
  return { state, show: (first, last) => store?.show(first, last), refresh: () => store?.refresh(), answers: shown?.number ?? 0 };
}

function neverChanges(): () => void {
  return () => undefined;
}
