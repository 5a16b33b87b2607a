import type { InferContractRouterInputs, InferContractRouterOutputs } from '@orpc/contract';
import { toWire } from '../../../../shared/bytes.ts';
import type { keyGroupsContract } from '../../../../shared/contract/key-groups.ts';
import { bucketOf, ttlEdges } from '../../../../shared/redis/ttl-buckets.ts';
import { FolderGroups, foldersAtDepth } from './folder-depths.ts';
import { onOneTree, sweepKeys, type KeySource } from './key-source.ts';
import type { KeyspaceIndex } from './keyspace-index.ts';
import { neverExpires, notTold } from './page-facts.ts';
import { rootFolder } from './prefix-tree.ts';
import { TopHeap } from './top-heap.ts';

type In = InferContractRouterInputs<typeof keyGroupsContract>;
type Out = InferContractRouterOutputs<typeof keyGroupsContract>;
type Series = Out['ttlHistogram']['series'][number];

function amountBy({ columns }: KeySource, by: In['top']['by']): (key: number) => number {
  if (columns === null) return () => notTold;
  switch (by) {
    case 'bytes':
      return (key) => columns.bytesOf(key);
    case 'elements':
      return (key) => columns.elements(key);
    case 'idle':
    case 'frequency':
      return columns.recencyKind === by ? (key) => columns.recency(key) : () => notTold;
  }
}

/** The keys with the most of something; equals in the order of their arrival. */
export function topKeys(index: KeyspaceIndex, { viewId, by, count }: In['top']): Promise<Out['top']> {
  return onOneTree(index, viewId, async (source) => {
    const amount = amountBy(source, by);
    const heap = new TopHeap(count);
    let known = 0;
    let of = 0;
    const whole = await sweepKeys(index, source, (key) => {
      of += 1;
      const value = amount(key);
      if (value === notTold) return;
      known += 1;
      heap.offer(key, value);
    });
    if (!whole) return null;
    const keys = heap.sorted().flatMap((key) => {
      const facts = source.columns?.factsOf(key, index.seenAt(key)) ?? null;
      return facts === null ? [] : [{ name: toWire(source.tree.store.nameOf(key)), facts }];
    });
    return { keys, known, of };
  });
}

function emptySeries(buckets: number): Series {
  const zeros = (): number[] => Array.from({ length: buckets }, () => 0);
  return { name: '', keys: zeros(), bytes: zeros(), noneKeys: 0, noneBytes: 0, passed: 0, unknown: 0 };
}

/** Time left of all keys, in buckets, in series. */
export function ttlHistogram(index: KeyspaceIndex, input: In['ttlHistogram']): Promise<Out['ttlHistogram']> {
  const { viewId, by = null, depth = 1, limit = 20 } = input;
  const edges = (input.edges ?? ttlEdges).toSorted((a, b) => a - b);
  return onOneTree(index, viewId, async (source) => {
    const { tree, counts, columns } = source;
    const now = index.now();
    const folders = by === 'namespace' ? foldersAtDepth(tree, counts, rootFolder, depth) : [];
    const groups = new FolderGroups(tree, folders);
    const group = (key: number): number => (by === 'namespace' ? groups.of(tree.folderOfKey(key)) : by === 'type' ? (columns?.type(key) ?? 0) - 1 : -1);
    const all = emptySeries(edges.length);
    const parts: Series[] = [];
    const add = (series: Series, expires: number, bytes: number): void => {
      if (expires === 0) series.unknown += 1;
      else if (expires === neverExpires) {
        series.noneKeys += 1;
        series.noneBytes += bytes;
      } else if (expires <= now) series.passed += 1;
      else {
        const bucket = bucketOf(edges, expires - now);
        // nearer than the first edge
        if (bucket < 0) return;
        series.keys[bucket] = (series.keys[bucket] as number) + 1;
        series.bytes[bucket] = (series.bytes[bucket] as number) + bytes;
      }
    };
    const whole = await sweepKeys(index, source, (key) => {
      const expires = columns?.expires(key) ?? 0;
      const bytes = Math.max(0, columns?.bytesOf(key) ?? 0);
      add(all, expires, bytes);
      const number = by === null ? -1 : group(key);
      if (number >= 0) add((parts[number] ??= emptySeries(edges.length)), expires, bytes);
    });
    if (!whole) return null;
    const expiring = ({ keys }: Series) => keys.reduce((sum, each) => sum + each, 0);
    const named = [...parts.entries()].flatMap(([number, series]) => {
      if (series === undefined) return [];
      const name = by === 'type' ? (columns?.typeName(number + 1) ?? '') : toWire(tree.prefixOf(folders[number] as number));
      return [{ ...series, name }];
    });
    const chosen = named.toSorted((a, b) => expiring(b) - expiring(a) || b.noneKeys - a.noneKeys).slice(0, limit);
    return { now, edges, series: [all, ...chosen], exactness: source.exactness };
  });
}
