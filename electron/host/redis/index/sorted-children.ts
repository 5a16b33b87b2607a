import { none } from './id-table.ts';
import type { PrefixTree } from './prefix-tree.ts';
import { compareNames, lowerBound, sortByName, type NameSource } from './sort-names.ts';

/** Sorted ids: `ids[0, count)`. The array may be longer, and is changed in place when children arrive. */
export interface SortedIds {
  ids: Uint32Array;
  count: number;
}

/** Sorted folders are remembered up to this many; a deep walk over a wide tree must not keep them all. */
const maxRemembered = 20_000;

/** Bytes of a key's label: the name after its folder's prefix. */
class KeyLabels implements NameSource {
  chunk: Uint8Array = new Uint8Array(0);
  from = 0;
  to = 0;
  readonly #tree: PrefixTree;

  constructor(tree: PrefixTree) {
    this.#tree = tree;
  }

  locate(key: number): void {
    const { store } = this.#tree;
    const position = store.positionOf(key);
    this.chunk = store.arena.chunkOf(position);
    const start = store.arena.offsetOf(position);
    this.from = start + this.#tree.prefixLengthOf(this.#tree.folderOfKey(key));
    this.to = start + store.lengthOf(key);
  }

  tie(): number {
    return 0;
  }
}

/** Bytes of a folder's segment, with or without its delimiter. */
class FolderSegments implements NameSource {
  chunk: Uint8Array = new Uint8Array(0);
  from = 0;
  to = 0;
  readonly #tree: PrefixTree;
  readonly #withDelimiter: boolean;

  constructor(tree: PrefixTree, withDelimiter: boolean) {
    this.#tree = tree;
    this.#withDelimiter = withDelimiter;
  }

  locate(folder: number): void {
    const tree = this.#tree;
    const position = tree.samplePosition(folder);
    this.chunk = tree.store.arena.chunkOf(position);
    const start = tree.store.arena.offsetOf(position);
    this.from = start + tree.prefixLengthOf(tree.parentOf(folder));
    this.to = start + tree.prefixLengthOf(folder) - (this.#withDelimiter ? 0 : tree.delimiterLengthOf(folder));
  }

  /** Same label, another delimiter. */
  tie(a: number, b: number): number {
    if (this.#withDelimiter || a === b) return 0;
    return compareNames(new FolderSegments(this.#tree, true), a, b);
  }
}

/**
 * A folder's children in bytewise order, sorted when they are first looked at. What arrives later is merged in.
 * Keys by label; folders by label for the tree, and by label and delimiter for the flat list, where that order is the
 * order of whole names.
 */
export class SortedChildren {
  readonly #tree: PrefixTree;
  readonly keyLabels: NameSource;
  readonly folderLabels: NameSource;
  readonly folderSegments: NameSource;
  readonly #keys = new Map<number, SortedIds>();
  readonly #byLabel = new Map<number, SortedIds>();
  readonly #bySegment = new Map<number, SortedIds>();

  constructor(tree: PrefixTree) {
    this.#tree = tree;
    this.keyLabels = new KeyLabels(tree);
    this.folderLabels = new FolderSegments(tree, false);
    this.folderSegments = new FolderSegments(tree, true);
  }

  keys(folder: number): SortedIds {
    const tree = this.#tree;
    return upToDate(this.#keys, folder, tree.keys(folder), this.keyLabels, tree.firstKeyOf(folder), (key) => tree.nextKeyOf(key));
  }

  folders(folder: number, order: 'label' | 'segment'): SortedIds {
    const tree = this.#tree;
    const source = order === 'label' ? this.folderLabels : this.folderSegments;
    const cache = order === 'label' ? this.#byLabel : this.#bySegment;
    return upToDate(cache, folder, tree.folders(folder), source, tree.firstFolderOf(folder), (child) => tree.nextFolderOf(child));
  }

  /** Forgets a folder that lost children or got some back. */
  forget(folder: number): void {
    this.#keys.delete(folder);
    this.#byLabel.delete(folder);
    this.#bySegment.delete(folder);
  }

  get bytes(): number {
    let bytes = 0;
    for (const cache of [this.#keys, this.#byLabel, this.#bySegment]) {
      for (const { ids } of cache.values()) bytes += ids.byteLength + 200;
    }
    return bytes;
  }
}

function upToDate(
  cache: Map<number, SortedIds>,
  folder: number,
  wanted: number,
  source: NameSource,
  first: number,
  next: (id: number) => number,
): SortedIds {
  let sorted = cache.get(folder);
  if (sorted === undefined) {
    sorted = { ids: new Uint32Array(wanted), count: 0 };
    if (cache.size >= maxRemembered) cache.clear();
    cache.set(folder, sorted);
  }
  if (sorted.count === wanted) return sorted;
  // new children are in front of the list
  const arrived = new Uint32Array(wanted - sorted.count);
  let id = first;
  for (let i = 0; i < arrived.length && id !== none; i += 1) {
    arrived[i] = id;
    id = next(id);
  }
  sortByName(arrived, arrived.length, source);
  merge(sorted, arrived, source);
  return sorted;
}

/** Merges in place from the end, so that a few new ids cost a few searches and block moves. */
function merge(sorted: SortedIds, arrived: Uint32Array, source: NameSource): void {
  const total = sorted.count + arrived.length;
  if (total > sorted.ids.length) {
    const grown = new Uint32Array(Math.max(total, Math.ceil(sorted.ids.length * 1.5)));
    grown.set(sorted.ids.subarray(0, sorted.count));
    sorted.ids = grown;
  }
  const ids = sorted.ids;
  let high = sorted.count;
  for (let i = arrived.length - 1; i >= 0; i -= 1) {
    const id = arrived[i] as number;
    const at = lowerBound(ids, high, id, source);
    ids.copyWithin(at + i + 1, at, high);
    ids[at + i] = id;
    high = at;
  }
  sorted.count = total;
}
