import type { Delimiters } from '../../../../shared/redis/key-name.ts';
import type { FactColumns } from './fact-columns.ts';
import { FolderFacts } from './folder-facts.ts';
import type { KeyStore } from './key-store.ts';
import { PrefixTree } from './prefix-tree.ts';
import { SortedChildren } from './sorted-children.ts';

/** A tree that is being built for other delimiters while the present one answers. */
export class ComingTree {
  readonly tree: PrefixTree;
  readonly sorted: SortedChildren;
  facts: FolderFacts | null;
  /** The next key that it takes: those before it are in. */
  next = 0;

  constructor(store: KeyStore, delimiters: Delimiters, columns: FactColumns | null) {
    this.tree = new PrefixTree(store, delimiters);
    this.sorted = new SortedChildren(this.tree);
    this.facts = columns === null ? null : new FolderFacts(this.tree, columns);
  }

  get bytes(): number {
    return this.tree.bytes + (this.facts?.bytes ?? 0);
  }

  /** Takes keys until the deadline (of performance.now()); whether it holds all of them. */
  advance(deadline: number): boolean {
    const { store } = this.tree;
    do {
      const end = Math.min(store.count, this.next + 512);
      for (; this.next < end; this.next += 1) this.#add(this.next);
    } while (this.next < store.count && performance.now() < deadline);
    return this.next >= store.count;
  }

  #add(key: number): void {
    if (!this.tree.store.isAlive(key)) return;
    this.tree.add(key);
    this.facts?.add(key);
  }
}
