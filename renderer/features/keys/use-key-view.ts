import { useCallback, useEffect, useRef, useState } from 'react';
import type { WireBytes } from '../../../shared/bytes.ts';
import type { Problem } from '../../../shared/contract/errors.ts';
import type { ViewSort } from '../../../shared/contract/key-facts.ts';
import type { KeyFilter } from '../../../shared/contract/key-filter.ts';
import { useHost } from '../../lib/host.ts';
import { toProblem } from '../../lib/to-problem.ts';
import { followVersion } from './follow-version.ts';
import { RowStore } from './row-store.ts';
import { requestFor } from './row-window.ts';
import { usePlaceState } from './use-place-state.ts';
import type { KeyIndex } from './use-key-index.ts';

export type ViewMode = 'tree' | 'list';

export interface KeyView {
  readonly viewId: string;
  readonly index: KeyIndex;
  readonly indexId: string;
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
const firstRows = requestFor(firstSpan).count;

/**
 * A view of the index: opens a new one when mode, filter or order change and shows the one before until the new one has
 * rows; opens it again when the host has forgotten it. Follows the index's version. Another place begins with none.
 */
export function useKeyView(place: string, index: KeyIndex, { mode, filter, sort, expanded }: Wanted): { view: KeyView | null; problem: Problem | null; retry: () => void } {
  const { client } = useHost();
  const [view, setView] = usePlaceState<KeyView | null>(place, null);
  const [problem, setProblem] = usePlaceState<Problem | null>(place, null);
  const [round, setRound] = useState(0);
  const latestExpanded = useRef(expanded);
  useEffect(() => {
    latestExpanded.current = expanded;
  });
  const retry = useCallback(() => setRound((before) => before + 1), []);

  /** The index could not be opened by its place; its own stream says why, and may bring it yet. */
  const early = useRef(false);
  useEffect(() => {
    let left = false;
    early.current = false;
    const open = async () => {
      try {
        const { viewId, indexId, first } = await client.keys.openView({ index: index.where, mode, filter, sort, expanded: latestExpanded.current().slice(0, 2000), rows: firstRows });
        const store = new RowStore((request) => client.keys.rows({ viewId, ...request }), first);
        if (left) {
          store.close();
          await client.keys.closeView({ viewId });
          return;
        }
        setView({ viewId, index, indexId, store, mode, filter, sort });
        setProblem(null);
      } catch (error) {
        if (left) return;
        early.current = index.feed.get().snapshot === null;
        if (!early.current) setProblem(toProblem(error));
      }
    };
    void open();
    return () => {
      left = true;
    };
    // `round` asks again.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [client, index, mode, filter, sort, round, setView, setProblem]);

  const viewedIndex = view?.index === index ? view.indexId : null;
  /** Opened anew for this one already: the present view stands until that one is there, however many snapshots come. */
  const openedFor = useRef<string | null>(null);
  useEffect(() => {
    const look = () => {
      const indexId = index.feed.get().snapshot?.indexId;
      if (indexId === undefined || indexId === openedFor.current || !(early.current || (viewedIndex !== null && viewedIndex !== indexId))) return;
      openedFor.current = indexId;
      retry();
    };
    look();
    return index.feed.subscribe(look);
  }, [index, viewedIndex, retry]);

  useEffect(() => {
    if (view === null) return undefined;
    const { store, viewId } = view;
    const stopIndex = followVersion(index.feed, store);
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

  return { view, problem, retry };
}
