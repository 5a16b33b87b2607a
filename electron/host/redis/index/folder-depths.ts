import type { FolderCounts, PrefixTree } from './prefix-tree.ts';

/** Folders with keys that lie `depth` levels below a parent, by one walk over all folders: a child's id is greater than its parent's. */
export function foldersAtDepth(tree: PrefixTree, counts: FolderCounts, parent: number, depth: number): number[] {
  const found: number[] = [];
  const levels = new Uint8Array(tree.count);
  for (let folder = parent + 1; folder < tree.count; folder += 1) {
    const above = tree.parentOf(folder);
    const level = above === parent ? 1 : (levels[above] as number) === 0 ? 0 : (levels[above] as number) + 1;
    if (level === 0) continue;
    // deeper ones are not asked for, and the depth of names has no small bound
    levels[folder] = Math.min(level, 255);
    if (level === depth && counts.keysBelow(folder) > 0) found.push(folder);
  }
  return found;
}

/** Of each folder, the place in `folders` of the one that it is or lies in; -1 for none. New folders are added as they come. */
export class FolderGroups {
  readonly #tree: PrefixTree;
  #groups: Int32Array;
  #known = 0;

  constructor(tree: PrefixTree, folders: readonly number[]) {
    this.#tree = tree;
    this.#groups = new Int32Array(tree.count).fill(-1);
    for (const [at, folder] of folders.entries()) this.#groups[folder] = at;
  }

  of(folder: number): number {
    if (folder >= this.#known) this.#extend();
    return this.#groups[folder] as number;
  }

  #extend(): void {
    const count = this.#tree.count;
    if (count > this.#groups.length) {
      const grown = new Int32Array(count).fill(-1);
      grown.set(this.#groups);
      this.#groups = grown;
    }
    for (let folder = Math.max(1, this.#known); folder < count; folder += 1) {
      if (this.#groups[folder] === -1) this.#groups[folder] = this.#groups[this.#tree.parentOf(folder)] as number;
    }
    this.#known = count;
  }
}
