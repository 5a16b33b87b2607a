import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareBytes, toWire, wireKey } from '../../../../shared/bytes.ts';
import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import type { Row } from '../../../../shared/contract/keys.ts';
import { FactColumns } from './fact-columns.ts';
import { FilteredKeys } from './filtered-keys.ts';
import { KeyStore } from './key-store.ts';
import { KeyspaceIndex } from './keyspace-index.ts';
import { hashBytes } from './name-hash.ts';
import { PageFacts } from './page-facts.ts';
import { PrefixTree } from './prefix-tree.ts';
import { Delimiters } from '../../../../shared/redis/key-name.ts';
import { filledIndex, putTold, toldKeys, type ToldKey } from './testing/filled-index.ts';

const now = Date.now();
const everything: KeyFilter = { pattern: '', mode: 'glob' };

async function rowsOf(index: KeyspaceIndex, viewId: string): Promise<Row[]> {
  const view = await index.completeView(viewId);
  for (let opened = true; opened; ) {
    opened = false;
    for (const row of view.rows(0, 500, null, 'exact').rows) {
      if (row.kind !== 'folder' || row.open) continue;
      view.toggle(row.id, true, true);
      opened = true;
      break;
    }
  }
  return view.rows(0, 500, null, 'exact').rows;
}

const keyNames = (rows: readonly Row[]) => rows.flatMap((row) => (row.kind === 'key' ? [wireKey(row.name)] : []));
const namesOf = (keys: readonly ToldKey[]) => keys.map(({ name }) => wireKey(toWire(name)));

/** Facts for some of the keys of another list, and a key of its own. */
function retold(keys: readonly ToldKey[], others: readonly ToldKey[]): ToldKey[] {
  return keys.map((key, at) => ({ ...key, type: others[at]?.type ?? key.type, bytes: others[at]?.bytes ?? null }));
}

describe('rows of a view that filters by facts', () => {
  test('follow facts that come, change and go, in tree and list, sorted or not', async () => {
    await fc.assert(
      fc.asyncProperty(toldKeys(now), toldKeys(now), toldKeys(now), fc.boolean(), async (first, second, third, descending) => {
        const index = new KeyspaceIndex([':'], () => undefined);
        const filter: KeyFilter = { ...everything, types: ['hash', 'module-type'] };
        await index.openView('tree', { mode: 'tree', filter, expanded: [] });
        await index.openView('list', { mode: 'list', filter, expanded: [] });
        await index.openView('sorted', { mode: 'list', filter, sort: { by: 'bytes', descending }, expanded: [] });
        index.setFactFields(['type', 'bytes', 'ttl']);
        let mark = 0;
        for (const keys of [first, retold(first, second), second, retold(second, third)]) {
          mark += 1;
          putTold(index, keys, mark);
          index.endPass(new Set([mark]));
          const passing = keys.filter(({ type }) => type === 'hash' || type === 'module-type');
          const tree = await rowsOf(index, 'tree');
          expect(new Set(keyNames(tree))).toEqual(new Set(namesOf(passing)));
          for (const row of tree) {
            if (row.kind !== 'folder') continue;
            const inside = passing.filter(({ name }) => Buffer.from(name).toString('latin1').startsWith(Buffer.from(typeof row.prefix === 'string' ? Buffer.from(row.prefix) : Buffer.from(row.prefix.b64, 'base64')).toString('latin1')));
            expect(row.keys).toBe(inside.length);
            expect(row.facts?.bytes?.seen ?? 0).toBe(inside.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0));
          }
          expect(keyNames((await index.completeView('list')).rows(0, 500, null, 'exact').rows)).toEqual(namesOf(passing.toSorted((a, b) => compareBytes(a.name, b.name))));
        }
        index.close();
      }),
      { numRuns: 60 },
    );
  });

  test('say at least while facts are missing, and are exact when they are there', async () => {
    const index = new KeyspaceIndex([':'], () => undefined);
    const keys = (type: string | null): ToldKey[] => [{ name: Buffer.from('a:1'), type, expiresAt: null, bytes: null, idle: null }];
    index.setFactFields(['type']);
    putTold(index, keys(null));
    await index.openView('v', { mode: 'tree', filter: { ...everything, types: ['string'] }, expanded: [] });
    expect(index.view('v').rows(0, 1, null, 'exact')).toMatchObject({ keys: 0, exactness: 'atLeast' });
    putTold(index, keys('string'));
    expect((await index.completeView('v')).rows(0, 1, null, 'exact')).toMatchObject({ keys: 1, exactness: 'exact' });
    // an edit makes what was read doubtful
    index.note([Buffer.from('a:1')], [], 1);
    expect((await index.completeView('v')).rows(0, 1, null, 'exact')).toMatchObject({ keys: 0, exactness: 'atLeast' });
  });

  test('are split anew for other delimiters with their sums', async () => {
    const index = filledIndex([
      { name: Buffer.from('a/b:1'), type: 'string', expiresAt: 'none', bytes: 10, idle: 0 },
      { name: Buffer.from('a/b:2'), type: 'hash', expiresAt: now + 1000, bytes: 20, idle: 0 },
    ]);
    index.setDelimiters(['/']);
    putTold(index, [{ name: Buffer.from('a/c:3'), type: 'hash', expiresAt: 'none', bytes: 5, idle: 0 }]);
    await index.openView('v', { mode: 'tree', filter: everything, expanded: [] });
    const deadline = Date.now() + 5000;
    const top = () => index.view('v').rows(0, 1, null, 'exact').rows[0];
    while (Date.now() < deadline && top()?.label !== 'a') {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    expect(top()).toMatchObject({ prefix: 'a/', keys: 3, facts: { ttl: { with: 1, without: 2, unknown: 0 }, bytes: { seen: 35 }, types: [{ type: 'hash', keys: 2 }, { type: 'string', keys: 1 }] } });
  });
});

test('time alone moves keys in and out of a range of times left', () => {
  const store = new KeyStore();
  const tree = new PrefixTree(store, new Delimiters([':']));
  const columns = new FactColumns(['ttl']);
  const page = new PageFacts(3);
  page.expires.set([now + 10_000, now + 50_000, now + 90_000]);
  for (const at of [0, 1, 2]) {
    const name = Buffer.from(`k:${at}`);
    store.put(name, 0, name.length, hashBytes(name, 0, name.length), 1);
    tree.add(store.lastId);
    columns.set(store.lastId, page, at);
  }
  let clock = now;
  const filtered = new FilteredKeys(tree, null, { ...everything, ttlMs: { max: 60_000 } }, columns, () => clock);
  const left: number[] = [];
  const advance = () => filtered.advance(Infinity, (key) => left.push(key));
  advance();
  expect(filtered.keysBelow(0)).toBe(2);
  expect(filtered.sweepDueAt).not.toBeNull();
  clock += 40_000;
  filtered.beginSweep();
  advance();
  // the first has expired, the last has come near
  expect([0, 1, 2].map((key) => filtered.passes(key))).toEqual([false, true, true]);
  expect(left).toEqual([0]);
  expect(filtered.keysBelow(0)).toBe(2);
});
