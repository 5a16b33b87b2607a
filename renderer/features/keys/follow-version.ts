import type { RowStore } from './row-store.ts';
import type { Signal } from './signal.ts';
import type { IndexFeed } from './use-key-index.ts';

/**
 * Asks for rows again whenever the index has a newer version than they have. It looks at once too: between a view's
 * first rows and the moment that somebody follows it the scan can come to its end, and no later snapshot would tell.
 */
export function followVersion(feed: Signal<IndexFeed>, store: Pick<RowStore, 'snapshot' | 'refresh'>): () => void {
  const look = () => {
    const version = feed.get().snapshot?.version;
    if (version !== undefined && version > store.snapshot().version) store.refresh();
  };
  look();
  return feed.subscribe(look);
}
