import type { Glob } from '../../../../shared/redis/glob.ts';
import { PagedBytes, PagedRecords } from './paged-records.ts';
import { rootFolder, type FolderCounts, type PrefixTree } from './prefix-tree.ts';

const below = 0;
const keysInside = 1;
const foldersInside = 2;
/** Names tried between two looks at the clock. */
const batch = 512;

/** Which keys of a tree pass a filter, and how many in each folder; follows the tree as keys arrive. */
export class FilteredKeys implements FolderCounts {
  readonly #tree: PrefixTree;
  readonly #glob: Glob;
  readonly #passed = new PagedBytes();
  readonly #counts = new PagedRecords(3);
  /** Keys below this id have been tried. */
  #tried = 0;

  constructor(tree: PrefixTree, glob: Glob) {
    this.#tree = tree;
    this.#glob = glob;
  }

  get upToDate(): boolean {
    return this.#tried === this.#tree.store.count;
  }

  /** Tries keys that are new until `deadline` (of `performance.now()`); whether any were tried. */
  advance(deadline: number): boolean {
    const { store } = this.#tree;
    const begun = this.#tried;
    while (this.#tried < store.count && (this.#tried === begun || performance.now() < deadline)) {
      const end = Math.min(store.count, this.#tried + batch);
      for (let key = this.#tried; key < end; key += 1) if (store.isAlive(key)) this.#try(key);
      this.#tried = end;
    }
    return this.#tried > begun;
  }

  passes(key: number): boolean {
    return this.#passed.get(key) === 1;
  }

  removed(key: number): void {
    if (!this.passes(key)) return;
    this.#passed.set(key, 0);
    this.#count(key, -1);
  }

  revived(key: number): void {
    if (key < this.#tried && !this.passes(key)) this.#try(key);
  }

  keysBelow(folder: number): number {
    return this.#counts.getOrZero(folder, below);
  }

  folders(folder: number): number {
    return this.#counts.getOrZero(folder, foldersInside);
  }

  keys(folder: number): number {
    return this.#counts.getOrZero(folder, keysInside);
  }

  get bytes(): number {
    return this.#passed.bytes + this.#counts.bytes;
  }

  #try(key: number): void {
    const { store } = this.#tree;
    const position = store.positionOf(key);
    const from = store.arena.offsetOf(position);
    if (!this.#glob.matches(store.arena.chunkOf(position), from, from + store.lengthOf(key))) return;
    this.#passed.reserve(key);
    this.#passed.set(key, 1);
    this.#count(key, 1);
  }

  #count(key: number, amount: 1 | -1): void {
    const counts = this.#counts;
    let folder = this.#tree.folderOfKey(key);
    counts.reserve(folder);
    counts.add(folder, keysInside, amount);
    for (;;) {
      const now = counts.add(folder, below, amount);
      if (folder === rootFolder) return;
      const above = this.#tree.parentOf(folder);
      if (now === (amount === 1 ? 1 : 0)) counts.add(above, foldersInside, amount);
      folder = above;
    }
  }
}
