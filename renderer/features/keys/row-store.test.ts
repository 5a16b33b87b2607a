import * as fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { RowPage } from '../../../shared/contract/keys.ts';
import { RowStore, type FetchRows } from './row-store.ts';

/** A sorted list of numbered keys that can grow, answering as the host does. */
class GrowingView {
  ids: number[];
  version = 1;
  calls = 0;
  constructor(ids: number[]) {
    this.ids = ids.toSorted((a, b) => a - b);
  }
  insert(ids: number[]): void {
    this.ids = [...new Set([...this.ids, ...ids])].toSorted((a, b) => a - b);
    this.version += 1;
  }
  readonly fetch: FetchRows = async ({ from, count, anchor }) => {
    this.calls += 1;
    await Promise.resolve();
    const at = anchor ? this.ids.indexOf(anchor.id) : -1;
    const rows = this.ids.slice(from, from + count).map((id) => ({ kind: 'key' as const, id, depth: 0, label: `${id}`, name: `${id}`, facts: null }));
    return { rows, from, total: this.ids.length, keys: this.ids.length, exactness: 'exact', sorting: false, version: this.version, anchorAt: at < 0 ? null : at } satisfies RowPage;
  };
}

const settled = (store: RowStore, view: GrowingView) =>
  vi.waitFor(() => {
    const state = store.snapshot();
    if (state.version !== view.version || !state.ready) throw new Error('still loading');
    return state;
  }, { interval: 1 });

test('shows the rows that came with the view without asking, and asks for what lies beyond', async () => {
  const view = new GrowingView(Array.from({ length: 300 }, (_, at) => at));
  const first = await view.fetch({ from: 0, count: 141, anchor: null });
  const store = new RowStore(view.fetch, first);
  expect(store.snapshot()).toMatchObject({ ready: true, total: 300, version: 1 });
  store.show({ first: 0, last: 60 }, null);
  await Promise.resolve();
  expect(view.calls).toBe(1);
  store.show({ first: 150, last: 210 }, 150);
  await vi.waitFor(() => expect(store.snapshot().rows.get(210)?.id).toBe(210), { interval: 1 });
});

test('the pinned row keeps its place on the screen whatever appears', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.nat(100_000), { minLength: 200, maxLength: 400 }),
      fc.nat(150),
      fc.array(fc.array(fc.nat(100_000), { minLength: 1, maxLength: 700 }), { minLength: 1, maxLength: 4 }),
      async (ids, top, waves) => {
        const view = new GrowingView(ids);
        const store = new RowStore(view.fetch);
        let first = top + 1;
        store.show({ first, last: first + 20 }, first);
        const before = (await settled(store, view)).rows.get(first);
        let shifted = 0;
        for (const wave of waves) {
          view.insert(wave);
          store.refresh();
          const state = await settled(store, view);
          first += state.shifted - shifted;
          shifted = state.shifted;
          // The same row stands at the same distance from the top of the window.
          expect(state.rows.get(first)).toEqual(before);
          for (let at = first; at <= first + 20; at += 1) {
            expect(state.rows.get(at)?.id).toBe(view.ids[at]);
          }
          store.show({ first, last: first + 20 }, first);
        }
        store.close();
      },
    ),
    { numRuns: 40 },
  );
});

test('at the very top the beginning stays in view', async () => {
  const view = new GrowingView([100, 200, 300]);
  const store = new RowStore(view.fetch);
  store.show({ first: 0, last: 20 }, null);
  await settled(store, view);
  view.insert([1, 2, 3]);
  store.refresh();
  const state = await settled(store, view);
  expect(state.shifted).toBe(0);
  expect(state.rows.get(0)?.id).toBe(1);
});

test('followed rows are found again, also far from the window', async () => {
  const view = new GrowingView(Array.from({ length: 2000 }, (_, at) => at * 10));
  const store = new RowStore(view.fetch);
  store.show({ first: 0, last: 20 }, null);
  await settled(store, view);
  store.show({ first: 1000, last: 1020 }, 1000);
  await vi.waitFor(() => expect(store.snapshot().rows.get(1000)?.id).toBe(10_000));
  const places: (number | null)[] = [];
  store.follow(() => [5, 1005], (placeOf) => places.push(placeOf(5), placeOf(1005)));
  view.insert([1, 2, 3, 5001, 5002]);
  store.refresh();
  await settled(store, view);
  expect(places).toEqual([8, 1010]);
});

test('old rows stay until new ones are there, and a failure keeps them', async () => {
  const view = new GrowingView([1, 2, 3]);
  let fail = false;
  const store = new RowStore((request) => (fail ? Promise.reject(new Error('gone')) : view.fetch(request)));
  store.show({ first: 0, last: 20 }, null);
  await settled(store, view);
  fail = true;
  store.refresh();
  await vi.waitFor(() => expect(store.snapshot().failure).toEqual(new Error('gone')));
  expect(store.snapshot().rows.size).toBe(3);
  fail = false;
  view.insert([4]);
  store.refresh();
  expect((await settled(store, view)).failure).toBeNull();
});

test('a view that gives less than it promises is not asked for ever', async () => {
  const view = new GrowingView([1, 2, 3]);
  const store = new RowStore(async (request) => ({ ...(await view.fetch(request)), total: 500 }));
  store.show({ first: 0, last: 20 }, null);
  await settled(store, view);
  await vi.waitFor(() => expect(view.calls).toBeGreaterThan(4));
  const calls = view.calls;
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(view.calls - calls).toBeLessThan(40);
});

test('an answer from before a toggle is thrown away', async () => {
  const view = new GrowingView(Array.from({ length: 100 }, (_, at) => at));
  const store = new RowStore(view.fetch);
  store.show({ first: 0, last: 20 }, null);
  await settled(store, view);
  store.refresh();
  view.insert(Array.from({ length: 50 }, (_, at) => 2.5 + at / 1000));
  store.toggled(2, true, 150);
  const state = await settled(store, view);
  for (let at = 0; at <= 20; at += 1) expect(state.rows.get(at)?.id).toBe(view.ids[at]);
});
