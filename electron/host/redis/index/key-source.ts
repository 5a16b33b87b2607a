import type { Exactness } from '../../../../shared/contract/keys.ts';
import { fromWire, type WireBytes } from '../../../../shared/bytes.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { FactColumns } from './fact-columns.ts';
import type { FolderFacts } from './folder-facts.ts';
import { none } from './id-table.ts';
import type { KeyspaceIndex } from './keyspace-index.ts';
import { rootFolder, type FolderCounts, type PrefixTree } from './prefix-tree.ts';

/** The keys that a question is about, at one moment: ids and columns are those of that moment's tree. */
export interface KeySource {
  readonly tree: PrefixTree;
  readonly counts: FolderCounts;
  readonly sums: FolderFacts | null;
  readonly columns: FactColumns | null;
  readonly exactness: Exactness;
  readonly version: number;
  passes(key: number): boolean;
}

/** All keys, or those that pass a view's filter when it has tried them all. Throws NOT_FOUND. */
export async function keySource(index: KeyspaceIndex, viewId: string | null | undefined): Promise<KeySource> {
  if (viewId === null || viewId === undefined) {
    const { tree, folderFacts, columns, exactness, version } = index;
    return { tree, counts: tree, sums: folderFacts, columns, exactness, version, passes: (key) => tree.store.isAlive(key) };
  }
  const view = await index.judgedView(viewId);
  const { exactness, tree, columns, version } = index;
  return {
    tree,
    counts: view.counts,
    sums: view.sums,
    columns,
    exactness: exactness === 'exact' && !view.decided ? 'atLeast' : exactness,
    version,
    passes: (key) => view.passes(key),
  };
}

/** The folder of a prefix; throws NOT_FOUND. */
export function folderOf({ tree }: KeySource, prefix: WireBytes | null | undefined): number {
  if (prefix === null || prefix === undefined) return rootFolder;
  const folder = tree.findFolder(fromWire(prefix));
  if (folder === none) throw new LookasideError('NOT_FOUND', 'This folder is not in the index any more', { hint: 'Choose another one.' });
  return folder;
}

const sliceMs = 8;
const batch = 2048;

function yieldTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/**
 * Visits all keys of a source, in slices, so that rows are answered in between. Keys that come meanwhile are visited too.
 * When the index has moved on to another tree, the ids are others: it then returns false, and all must be done again.
 */
export async function sweepKeys(index: KeyspaceIndex, source: KeySource, visit: (key: number) => void): Promise<boolean> {
  const { store } = source.tree;
  let deadline = performance.now() + sliceMs;
  for (let key = 0; key < store.count; ) {
    const end = Math.min(store.count, key + batch);
    for (; key < end; key += 1) if (source.passes(key)) visit(key);
    if (performance.now() < deadline) continue;
    await yieldTurn();
    if (index.closed) throw new LookasideError('CANCELLED', 'The index is closed');
    if (index.tree !== source.tree || index.columns !== source.columns) return false;
    deadline = performance.now() + sliceMs;
  }
  return true;
}

/** Runs a body that sweeps until it has done so on one tree. */
export async function onOneTree<T>(index: KeyspaceIndex, viewId: string | null | undefined, body: (source: KeySource) => Promise<T | null>): Promise<T> {
  for (;;) {
    const result = await body(await keySource(index, viewId));
    if (result !== null) return result;
  }
}
