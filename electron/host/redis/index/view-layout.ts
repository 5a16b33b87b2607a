import type { Expansion } from './expansion.ts';
import type { FilteredKeys } from './filtered-keys.ts';
import { rootFolder, type FolderCounts, type PrefixTree } from './prefix-tree.ts';
import { lowerBound, type NameSource } from './sort-names.ts';
import type { SortedChildren, SortedIds } from './sorted-children.ts';

export type ViewMode = 'tree' | 'list';

/** Children of one folder in a view's order, and where their rows are. */
export interface Children {
  folders: SortedIds;
  keys: SortedIds;
  /** Keys that come before folder `i`; `null` = none: folders first. */
  cuts: Uint32Array | null;
  /** Rows of the folders before folder `i`; `null` = one each. */
  rowsBefore: Float64Array | null;
}

export interface Place {
  folder: number;
  children: Children;
  nextFolder: number;
  nextKey: number;
}

/** Filtered children are remembered for this many folders. */
const maxRemembered = 20_000;

function cutAt(children: Children, folder: number): number {
  return children.cuts?.[folder] ?? 0;
}

function rowsBefore(children: Children, folder: number): number {
  return children.rowsBefore === null ? folder : (children.rowsBefore[folder] as number);
}

/**
 * The arithmetic between row numbers and the tree. Tree: folders before keys, each bytewise by label, an open folder's
 * contents below it. List: keys only, in bytewise order of whole names (where one delimiter is the beginning of
 * another, in the order of the tree they make).
 */
export class ViewLayout {
  readonly #tree: PrefixTree;
  readonly #sorted: SortedChildren;
  readonly #filtered: FilteredKeys | null;
  readonly #expansion: Expansion;
  readonly counts: FolderCounts;
  readonly mode: ViewMode;
  #children = new Map<number, Children>();
  readonly #passing = new Map<number, { folders: SortedIds; keys: SortedIds }>();
  readonly #cuts = new Map<number, { folders: number; keys: number; cuts: Uint32Array }>();

  constructor(mode: ViewMode, tree: PrefixTree, sorted: SortedChildren, filtered: FilteredKeys | null, expansion: Expansion) {
    this.mode = mode;
    this.#tree = tree;
    this.#sorted = sorted;
    this.#filtered = filtered;
    this.#expansion = expansion;
    this.counts = filtered ?? tree;
  }

  /** Call it after each change of the tree, the counts or the expansion. */
  refresh(): void {
    this.#children = new Map();
  }

  /** Forgets what it knows of a folder's children: some have left or come back. */
  forget(folder: number): void {
    this.#passing.delete(folder);
    this.#cuts.delete(folder);
  }

  get total(): number {
    return this.mode === 'list' ? this.counts.keysBelow(rootFolder) : this.#expansion.rowsInside(rootFolder);
  }

  children(folder: number): Children {
    let children = this.#children.get(folder);
    if (children === undefined) {
      children = this.#arrange(folder);
      this.#children.set(folder, children);
    }
    return children;
  }

  /** Folders from the root down to the row, each with what comes next in it. The row must exist. */
  locate(row: number): Place[] {
    const places: Place[] = [];
    let folder = rootFolder;
    let left = row;
    for (;;) {
      const children = this.children(folder);
      const before = this.#lastFolderAt(children, left);
      const place: Place = { folder, children, nextFolder: before + 1, nextKey: left };
      places.push(place);
      if (before < 0) return places;
      const start = cutAt(children, before) + rowsBefore(children, before);
      const rows = rowsBefore(children, before + 1) - rowsBefore(children, before);
      place.nextKey = cutAt(children, before);
      left -= start;
      if (left >= rows) {
        place.nextKey += left - rows;
        return places;
      }
      if (this.mode === 'tree') {
        if (left === 0) {
          place.nextFolder = before;
          return places;
        }
        left -= 1;
      }
      folder = children.folders.ids[before] as number;
    }
  }

  /** Row number of a folder's own row (tree) or of its first key (list); `null` when it is not visible. */
  rowOfFolder(folder: number): number | null {
    if (folder !== rootFolder && this.counts.keysBelow(folder) === 0) return null;
    let row = 0;
    for (let at = folder; at !== rootFolder; at = this.#tree.parentOf(at)) {
      const above = this.#tree.parentOf(at);
      if (this.mode === 'tree' && !this.#expansion.isOpen(above)) return null;
      const children = this.children(above);
      const source = this.mode === 'tree' ? this.#sorted.folderLabels : this.#sorted.folderSegments;
      const index = lowerBound(children.folders.ids, children.folders.count, at, source);
      row += cutAt(children, index) + rowsBefore(children, index);
      if (this.mode === 'tree' && at !== folder) row += 1;
    }
    return row;
  }

  /** Row number of a key; `null` when it is not visible. */
  rowOfKey(key: number): number | null {
    if (!this.#tree.store.isAlive(key) || this.#filtered?.passes(key) === false) return null;
    const folder = this.#tree.folderOfKey(key);
    if (this.mode === 'tree' && !this.#expansion.isOpen(folder)) return null;
    const start = this.rowOfFolder(folder);
    if (start === null) return null;
    const children = this.children(folder);
    const index = lowerBound(children.keys.ids, children.keys.count, key, this.#sorted.keyLabels);
    const contents = this.mode === 'tree' && folder !== rootFolder ? start + 1 : start;
    return contents + index + rowsBefore(children, this.#foldersBeforeKey(children, index));
  }

  /** Index of the last folder whose rows begin at or before this row of its parent; -1 when keys come first. */
  #lastFolderAt(children: Children, row: number): number {
    let low = 0;
    let high = children.folders.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (cutAt(children, middle) + rowsBefore(children, middle) <= row) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #foldersBeforeKey(children: Children, key: number): number {
    const { cuts } = children;
    if (cuts === null) return children.folders.count;
    let low = 0;
    let high = children.folders.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((cuts[middle] as number) <= key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #arrange(folder: number): Children {
    const { folders, keys } = this.#visible(folder);
    const cuts = this.mode === 'tree' || keys.count === 0 ? null : this.#cutsOf(folder, folders, keys);
    const plain = this.mode === 'tree' && !this.#expansion.hasOpenFolders(folder);
    if (plain || folders.count === 0) return { folders, keys, cuts, rowsBefore: null };
    const sums = new Float64Array(folders.count + 1);
    let sum = 0;
    for (let i = 0; i < folders.count; i += 1) {
      const child = folders.ids[i] as number;
      if (this.mode === 'list') sum += this.counts.keysBelow(child);
      else sum += this.#expansion.isOpen(child) ? 1 + this.#expansion.rowsInside(child) : 1;
      sums[i + 1] = sum;
    }
    return { folders, keys, cuts, rowsBefore: sums };
  }

  #visible(folder: number): { folders: SortedIds; keys: SortedIds } {
    const order = this.mode === 'tree' ? 'label' : 'segment';
    const filtered = this.#filtered;
    if (filtered === null) return { folders: this.#sorted.folders(folder, order), keys: this.#sorted.keys(folder) };
    let passing = this.#passing.get(folder);
    if (passing === undefined) {
      if (this.#passing.size >= maxRemembered) this.#passing.clear();
      const nothing: SortedIds = { ids: new Uint32Array(0), count: 0 };
      passing = { folders: nothing, keys: nothing };
      this.#passing.set(folder, passing);
    }
    // without removals, which are told by `forget`, the same number means the same children
    const keys = filtered.keys(folder);
    if (passing.keys.count !== keys) passing.keys = pick(this.#sorted.keys(folder), keys, (id) => filtered.passes(id));
    const folders = filtered.folders(folder);
    if (passing.folders.count !== folders) {
      passing.folders = pick(this.#sorted.folders(folder, order), folders, (id) => filtered.keysBelow(id) > 0);
    }
    return { ...passing };
  }

  #cutsOf(folder: number, folders: SortedIds, keys: SortedIds): Uint32Array {
    const known = this.#cuts.get(folder);
    if (known !== undefined && known.folders === folders.count && known.keys === keys.count) return known.cuts;
    if (this.#cuts.size >= maxRemembered) this.#cuts.clear();
    const cuts = new Uint32Array(folders.count);
    let cut = 0;
    for (let i = 0; i < folders.count; i += 1) {
      cut = firstNotBefore(keys, cut, folders.ids[i] as number, this.#sorted.keyLabels, this.#sorted.folderSegments);
      cuts[i] = cut;
    }
    this.#cuts.set(folder, { folders: folders.count, keys: keys.count, cuts });
    return cuts;
  }
}

function pick(from: SortedIds, count: number, passes: (id: number) => boolean): SortedIds {
  const ids = new Uint32Array(count);
  let found = 0;
  for (let i = 0; i < from.count && found < count; i += 1) {
    const id = from.ids[i] as number;
    if (!passes(id)) continue;
    ids[found] = id;
    found += 1;
  }
  return { ids, count: found };
}

function keyIsBefore(key: number, folder: number, labels: NameSource, segments: NameSource): boolean {
  labels.locate(key);
  segments.locate(folder);
  const length = labels.to - labels.from;
  const other = segments.to - segments.from;
  const shorter = Math.min(length, other);
  for (let i = 0; i < shorter; i += 1) {
    const difference = (labels.chunk[labels.from + i] as number) - (segments.chunk[segments.from + i] as number);
    if (difference !== 0) return difference < 0;
  }
  return length < other;
}

/** First key at or after `from` that does not come before the folder: steps that double, then halves. */
function firstNotBefore(keys: SortedIds, from: number, folder: number, labels: NameSource, segments: NameSource): number {
  let step = 1;
  let low = from;
  let high = from;
  while (high < keys.count && keyIsBefore(keys.ids[high] as number, folder, labels, segments)) {
    low = high + 1;
    high += step;
    step *= 2;
  }
  high = Math.min(high, keys.count);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keyIsBefore(keys.ids[middle] as number, folder, labels, segments)) low = middle + 1;
    else high = middle;
  }
  return low;
}
