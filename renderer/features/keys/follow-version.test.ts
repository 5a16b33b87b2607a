import { expect, test, vi } from 'vitest';
import type { IndexSnapshot } from '../../../shared/contract/keys.ts';
import { followVersion } from './follow-version.ts';
import { RowStore } from './row-store.ts';
import { Signal } from './signal.ts';
import type { IndexFeed } from './use-key-index.ts';

const feedAt = (version: number): IndexFeed => ({ snapshot: { version } as IndexSnapshot, problem: null });

/** A view of one folder whose count becomes exact with version 2. */
function openView() {
  const host = { version: 1, calls: 0 };
  const store = new RowStore(async () => {
    host.calls += 1;
    const exactness = host.version < 2 ? 'atLeast' : 'exact';
    const row = { kind: 'folder' as const, id: 1, depth: 0, label: 'cart', prefix: 'cart:', keys: 2, exactness, open: false, facts: null } as const;
    return { rows: [row], from: 0, total: 1, keys: 2, exactness, sorting: false, version: host.version, anchorAt: null };
  });
  return { host, store };
}

test('a scan that ends between the first rows and the first look leaves no row behind', async () => {
  const { host, store } = openView();
  const feed = new Signal(feedAt(1));
  store.show({ first: 0, last: 60 }, null);
  await vi.waitFor(() => expect(store.snapshot().ready).toBe(true));
  host.version = 2;
  // the last snapshot of the scan: nobody listens yet, and none follows
  feed.set(feedAt(2));
  const stop = followVersion(feed, store);
  await vi.waitFor(() => expect(store.snapshot()).toMatchObject({ version: 2, exactness: 'exact' }));
  expect(store.snapshot().rows.get(0)).toMatchObject({ exactness: 'exact' });
  stop();
});

test('rows that are newer than the last snapshot are not asked for again', async () => {
  const { host, store } = openView();
  host.version = 3;
  const feed = new Signal(feedAt(2));
  store.show({ first: 0, last: 60 }, null);
  await vi.waitFor(() => expect(store.snapshot().version).toBe(3));
  const { calls } = host;
  const stop = followVersion(feed, store);
  await Promise.resolve();
  expect(host.calls).toBe(calls);
  stop();
});
