import { useCallback, useEffect, useRef, useState } from 'react';
import type { WireBytes } from '../../../shared/bytes.ts';
import type { Problem } from '../../../shared/contract/errors.ts';
import type { ViewSort } from '../../../shared/contract/key-facts.ts';
import type { KeyFilter } from '../../../shared/contract/key-filter.ts';
import { useHost } from '../../lib/host.ts';
import { toProblem } from '../../lib/to-problem.ts';
import { RowStore } from './row-store.ts';
import { useSignal } from './signal.ts';
import type { KeyIndex } from './use-key-index.ts';

export type ViewMode = 'tree' | 'list';

export interface KeyView {
  readonly viewId: string;
  readonly store: RowStore;
  readonly mode: ViewMode;
  readonly filter: KeyFilter;
  readonly sort: ViewSort | null;
}

interface Wanted {
  mode: ViewMode;
  filter: KeyFilter;
  /** Of the list. Equal orders are one object. */
  sort: ViewSort | null;
  /** Prefixes to open, read when a view opens. */
  expanded: () => readonly WireBytes[];
}

/** While an order is being made, the rows are asked for again after this long. */
const sortingAskMs = 400;
const firstSpan = { first: 0, last: 60 };

/** Resolves when the store has its first page, or knows why it has none. */
function firstPage(store: RowStore): Promise<void> {
  store.show(firstSpan, null);
  return new Promise((resolve) => {
    const look = () => {
      const { ready, failure } = store.snapshot();
      if (!ready && failure === null) return;
      leave();
      resolve();
    };
    const leave = store.subscribe(look);
    look();
  });
}

/**
 * A view of the index: opens a new one when mode, filter or order change and shows the one before until the new one has
 * rows; opens it again when the host has forgotten it. Follows the index's version.
 */
export function useKeyView(index: KeyIndex, { mode, filter, sort, expanded }: Wanted): { view: KeyView | null; opening: boolean; problem: Problem | null; retry: () => void } {
  const { client } = useHost();
  const indexId = useSignal(index.feed, (feed) => feed.snapshot?.indexId ?? null);
  const [view, setView] = useState<KeyView | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [opening, setOpening] = useState(false);
  const [round, setRound] = useState(0);
  const latestExpanded = useRef(expanded);
  useEffect(() => {
    latestExpanded.current = expanded;
  });
  const retry = useCallback(() => setRound((before) => before + 1), []);

  useEffect(() => {
    if (indexId === null) return undefined;
    let left = false;
    const open = async () => {
      setOpening(true);
      try {
        const { viewId } = await client.keys.openView({ indexId, mode, filter, sort, expanded: latestExpanded.current().slice(0, 2000) });
        const store = new RowStore((request) => client.keys.rows({ viewId, ...request }));
        if (!left) await firstPage(store);
        if (left) {
          store.close();
          await client.keys.closeView({ viewId });
          return;
        }
        setView({ viewId, store, mode, filter, sort });
        setProblem(null);
      } catch (error) {
        if (!left) setProblem(toProblem(error));
      } finally {
        if (!left) setOpening(false);
      }
    };
    void open();
    return () => {
      left = true;
    };
    // `round` asks again.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [client, indexId, mode, filter, sort, round]);

  useEffect(() => {
    if (view === null) return undefined;
    const { store, viewId } = view;
    const stopIndex = index.feed.subscribe(() => {
      const version = index.feed.get().snapshot?.version;
      if (version !== undefined && version !== store.snapshot().version) store.refresh();
    });
    let asking: ReturnType<typeof setTimeout> | undefined;
    const askWhileSorting = () => {
      if (!store.snapshot().sorting) return;
      clearTimeout(asking);
      asking = setTimeout(() => store.refresh(), sortingAskMs);
    };
    askWhileSorting();
    const stopStore = store.subscribe(() => {
      askWhileSorting();
      const { failure } = store.snapshot();
      // The host forgets views of an index that it dropped: a new one takes its place.
      if (failure !== null && toProblem(failure).code === 'NOT_FOUND') retry();
    });
    return () => {
      clearTimeout(asking);
      stopIndex();
      stopStore();
      store.close();
      // A view that is gone already needs no closing; with the host itself gone there is nobody to tell.
      client.keys.closeView({ viewId }).catch(() => undefined);
    };
  }, [client, index, view, retry]);

  return { view, opening, problem, retry };
}
