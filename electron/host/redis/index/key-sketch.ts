import { fromWire, toWire } from '../../../../shared/bytes.ts';
import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import type { Exactness } from '../../../../shared/contract/keys.ts';
import { sumEntries, type Sketch, type SketchEntry } from '../../../../shared/redis/compare-sketches.ts';
import { bucketOf, ttlEdges } from '../../../../shared/redis/ttl-buckets.ts';
import { none } from './id-table.ts';
import { onOneTree, sweepKeys, type KeySource } from './key-source.ts';
import { KeyTemplates } from './key-templates.ts';
import type { KeyspaceIndex } from './keyspace-index.ts';
import { neverExpires, notTold } from './page-facts.ts';
import { rootFolder, type PrefixTree } from './prefix-tree.ts';
import { TopHeap } from './top-heap.ts';

/** Namespaces that a sketch keeps apart, and how deep their prefixes go. */
const maxNamespaces = 5000;
const prefixDepth = 3;
const templateDepth = 16;

export interface TakenSketch {
  sketch: Sketch;
  /** The filter of the view that it was taken of; `null` = every key. */
  part: KeyFilter | null;
  keys: number;
  exactness: Exactness;
}

interface Grouping {
  /** Number of the key's namespace; -1 = the rest. */
  of(key: number): number;
  nameOf(number: number): Uint8Array;
}

/** Levels down to the folder that a filter is for; 0 when it is for none. */
function levelsTo(tree: PrefixTree, part: KeyFilter | null): number {
  const folder = part?.mode === 'prefix' && part.pattern !== '' ? tree.findFolder(fromWire(part.pattern)) : none;
  if (folder === none) return 0;
  let levels = 0;
  for (let at = folder; at !== rootFolder; at = tree.parentOf(at)) levels += 1;
  return levels;
}

/** The folder that a folder's keys count for: itself, or the one above it at the greatest depth. */
function cutFolders(tree: PrefixTree, deepest: number): Uint32Array {
  const cuts = new Uint32Array(tree.count);
  const depths = new Uint32Array(tree.count);
  for (let folder = 1; folder < tree.count; folder += 1) {
    const above = tree.parentOf(folder);
    depths[folder] = (depths[above] as number) + 1;
    cuts[folder] = (depths[folder] as number) <= deepest ? folder : (cuts[above] as number);
  }
  return cuts;
}

/** The biggest prefixes. They are chosen by the counts of the tree, so that no sums are kept for the others. */
function byPrefix({ tree, counts }: KeySource, part: KeyFilter | null): Grouping {
  const cuts = cutFolders(tree, levelsTo(tree, part) + prefixDepth);
  const keys = new Float64Array(cuts.length);
  for (let folder = 0; folder < cuts.length; folder += 1) keys[cuts[folder] as number] = (keys[cuts[folder] as number] as number) + counts.keys(folder);
  const heap = new TopHeap(maxNamespaces);
  for (let folder = 0; folder < keys.length; folder += 1) if ((keys[folder] as number) > 0) heap.offer(folder, keys[folder] as number);
  const chosen = heap.sorted();
  const numbers = new Int32Array(cuts.length).fill(-1);
  for (const [at, folder] of chosen.entries()) numbers[folder] = at;
  return {
    // folders that came since count for the rest
    of: (key) => numbers[cuts[tree.folderOfKey(key)] ?? -1] ?? -1,
    nameOf: (number) => tree.prefixOf(chosen[number] ?? rootFolder),
  };
}

function byTemplate({ tree }: KeySource): Grouping {
  const templates = new KeyTemplates(tree, templateDepth);
  return { of: (key) => templates.of(key), nameOf: (number) => templates.nameOf(number) };
}

/** Counts, bytes and times left by namespace: of all keys, or of those that pass the filter of a view. */
export function takeSketch(index: KeyspaceIndex, viewId: string | null, templates: boolean): Promise<TakenSketch> {
  const part = viewId === null ? null : index.view(viewId).options.filter;
  return onOneTree(index, viewId, async (source) => {
    const { columns } = source;
    const grouping = templates ? byTemplate(source) : byPrefix(source, part);
    const now = index.now();
    const hasBytes = columns?.fields.has('bytes') === true;
    const hasTtl = columns?.fields.has('ttl') === true;
    const empty = (): SketchEntry => ({
      name: '',
      keys: 0,
      bytes: hasBytes ? { known: 0, sum: 0 } : null,
      ttl: hasTtl ? { without: 0, buckets: ttlEdges.map(() => 0) } : null,
    });
    const rest = empty();
    const found: SketchEntry[] = [];
    const whole = await sweepKeys(index, source, (key) => {
      const number = grouping.of(key);
      const entry = number < 0 ? rest : (found[number] ??= empty());
      entry.keys += 1;
      const bytes = columns?.bytesOf(key) ?? notTold;
      if (entry.bytes !== null && bytes !== notTold) {
        entry.bytes.known += 1;
        entry.bytes.sum += bytes;
      }
      const expires = columns?.expires(key) ?? 0;
      if (entry.ttl === null || expires === 0) return;
      if (expires === neverExpires) entry.ttl.without += 1;
      else if (expires > now) {
        const bucket = bucketOf(ttlEdges, expires - now);
        entry.ttl.buckets[bucket] = (entry.ttl.buckets[bucket] as number) + 1;
      }
    });
    if (!whole) return null;
    const named = found.map((entry, number) => ({ ...entry, name: toWire(grouping.nameOf(number)) })).filter(({ keys }) => keys > 0);
    const sorted = named.toSorted((a, b) => b.keys - a.keys);
    const sketch: Sketch = {
      edges: ttlEdges,
      namespaces: sorted.slice(0, maxNamespaces),
      rest: sumEntries('', [rest, ...sorted.slice(maxNamespaces)]),
    };
    return { sketch, part, keys: sumEntries('', [...sketch.namespaces, sketch.rest]).keys, exactness: source.exactness };
  });
}
