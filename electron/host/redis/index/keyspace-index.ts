import type { Exactness } from '../../../../shared/contract/keys.ts';
import { Delimiters } from '../../../../shared/redis/key-name.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { KeyStore } from './key-store.ts';
import { NameBatch } from './name-batch.ts';
import { none } from './id-table.ts';
import { hashBytes } from './name-hash.ts';
import { PrefixTree } from './prefix-tree.ts';
import { SortedChildren } from './sorted-children.ts';
import { View, type ViewOptions, type ViewTotals } from './view.ts';

/** Time that a slice of background work takes at most, ms: `rows` waits no longer than that. */
const sliceMs = 8;
/** Time that opening a filtered view waits for the filter, ms. What is left is tried afterwards. */
const filterWaitMs = 250;
/** Dead names are dropped for good when there are more of them than this and than living ones. */
const maxDead = 100_000;

/** Folders per key that room is made for ahead. */
const expectedFolders = 0.25;

const nothing = new Uint8Array(0);

function yieldTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/**
 * Names, their tree, and the views on it. It knows nothing of servers: names come in by `put`, passes end with
 * `endPass`. `onChange` is called when rows may have changed by its own doing.
 */
export class KeyspaceIndex {
  #store = new KeyStore();
  #tree: PrefixTree;
  #sorted: SortedChildren;
  /** A tree being built for other delimiters, and the next key it takes. */
  #coming: { tree: PrefixTree; sorted: SortedChildren; next: number } | null = null;
  #delimiters: readonly string[];
  readonly #batch = new NameBatch();
  #batchMark = 0;
  readonly #views = new Map<string, View>();
  readonly #onChange: () => void;
  #working = false;
  #closed = false;
  version = 0;
  /** What rows say of their counts; kept by the scan. */
  exactness: Exactness = 'atLeast';

  constructor(delimiters: readonly string[], onChange: () => void) {
    this.#delimiters = delimiters;
    this.#tree = new PrefixTree(this.#store, new Delimiters(delimiters));
    this.#sorted = new SortedChildren(this.#tree);
    this.#onChange = onChange;
  }

  /**
   * Notes that a pass saw a name; `mark` is the pass's, 1 to 255. Duplicates collapse. The bytes must stay as they are
   * until `flush`.
   */
  put(bytes: Uint8Array, from: number, to: number, mark: number): void {
    const batch = this.#batch;
    if (batch.full || batch.bytes !== bytes || this.#batchMark !== mark) {
      this.flush();
      batch.clear(bytes);
      this.#batchMark = mark;
    }
    batch.add(from, to);
  }

  /** The same for `count` names, `bytes[from[i]...to[i]]`; the arrays are read before it returns. */
  putAll(bytes: Uint8Array, from: Int32Array, to: Int32Array, count: number, mark: number): void {
    const batch = this.#batch;
    for (let done = 0; done < count; ) {
      if (batch.full || batch.bytes !== bytes || this.#batchMark !== mark) {
        this.flush();
        batch.clear(bytes);
        this.#batchMark = mark;
      }
      done += batch.addSome(from, to, done, count);
    }
  }

  /** So many keys are to come, as a guess: what grows with them need not grow in steps. */
  expect(count: number): void {
    this.#store.expect(count);
    this.#tree.expect(count * expectedFolders);
  }

  /** Works through what `put` has gathered. */
  flush(): void {
    const batch = this.#batch;
    const { count } = batch;
    if (count === 0) return;
    batch.split(this.#tree.delimiters);
    const known = this.#store.count;
    this.#store.putAll(batch, this.#batchMark);
    this.#tree.addAll(batch);
    for (let i = 0; i < batch.arrivedCount; i += 1) {
      const key = batch.id[batch.arrived[i] as number] as number;
      if (key < known) this.#revived(key);
    }
    batch.clear(nothing);
  }

  /** To be called after each run of `put` that may have changed rows. */
  changed(): void {
    this.flush();
    this.version += 1;
    this.#work();
  }

  get keys(): number {
    return this.#store.alive;
  }

  get folders(): number {
    return this.#tree.attached;
  }

  get bytes(): number {
    let bytes = this.#store.bytes + this.#tree.bytes + this.#sorted.bytes + (this.#coming?.tree.bytes ?? 0);
    for (const view of this.#views.values()) bytes += view.bytes;
    return bytes;
  }

  /** Whether keys are held that none of these passes has seen. */
  holdsOthers(marks: ReadonlySet<number>): boolean {
    let seen = 0;
    for (const mark of marks) seen += this.#store.markedWith(mark);
    return seen < this.#store.alive;
  }

  /** Whether a mark is on no key, so that a new pass may take it. */
  isFree(mark: number): boolean {
    return this.#store.markedWith(mark) === 0;
  }

  /** Drops the keys that none of these passes has seen. */
  endPass(marks: ReadonlySet<number>): void {
    if (!this.holdsOthers(marks)) return;
    const store = this.#store;
    const gone: number[] = [];
    for (let key = 0; key < store.count; key += 1) {
      if (store.isAlive(key) && !marks.has(store.markOf(key))) gone.push(key);
    }
    this.#drop(gone);
  }

  /** Takes in what an edit added and removed, before the next pass sees it. The added carry the mark of a present pass. */
  note(added: readonly Uint8Array[], removed: readonly Uint8Array[], mark: number): void {
    for (const name of added) this.put(name, 0, name.length, mark);
    this.flush();
    const gone = removed.map((name) => this.#store.find(name)).filter((key) => key !== none);
    if (gone.length > 0) this.#drop(gone);
    else this.changed();
  }

  #drop(gone: number[]): void {
    const store = this.#store;
    for (const key of gone) store.kill(key);
    const folders = this.#tree.remove(gone);
    for (const folder of folders) this.#sorted.forget(folder);
    for (const view of this.#views.values()) view.removed(gone, folders);
    const dead = store.count - store.alive;
    if (dead > maxDead && dead > store.alive) this.#compact();
    // a tree that is being built may hold some of them: begin it again
    else if (this.#coming !== null) this.#begin();
    this.changed();
  }

  /** Splits names in another way; the present tree answers until the new one is complete. */
  setDelimiters(delimiters: readonly string[]): void {
    if (delimiters.length === this.#delimiters.length && delimiters.every((each, i) => each === this.#delimiters[i])) return;
    this.#delimiters = [...delimiters];
    this.#begin();
    this.#work();
  }

  async openView(id: string, options: ViewOptions): Promise<ViewTotals> {
    const view = new View(this.#tree, this.#sorted, options);
    this.#views.set(id, view);
    const until = performance.now() + filterWaitMs;
    while (!this.#closed && performance.now() < until && this.#views.get(id)?.upToDate === false) {
      this.#views.get(id)?.advance(performance.now() + sliceMs);
      await yieldTurn();
    }
    this.changed();
    return this.view(id).totals();
  }

  /** The view when its filter has tried every key that is held now. */
  async completeView(id: string): Promise<View> {
    while (!this.view(id).upToDate) {
      this.view(id).advance(performance.now() + sliceMs);
      await yieldTurn();
    }
    this.changed();
    return this.view(id);
  }

  closeView(id: string): void {
    this.#views.delete(id);
  }

  /** The view, up to date with the index; throws NOT_FOUND. */
  view(id: string): View {
    const view = this.#views.get(id);
    if (view === undefined) {
      throw new LookasideError('NOT_FOUND', 'This view of the keys is closed', { hint: 'Open the keys again.' });
    }
    view.sync(this.version);
    return view;
  }

  close(): void {
    this.#closed = true;
    this.#views.clear();
    this.#coming = null;
  }

  #revived(key: number): void {
    for (const view of this.#views.values()) view.revived(key);
    if (this.#coming !== null && key < this.#coming.next) this.#coming.tree.add(key);
  }

  #begin(): void {
    const tree = new PrefixTree(this.#store, new Delimiters(this.#delimiters));
    this.#coming = { tree, sorted: new SortedChildren(tree), next: 0 };
  }

  /** Builds store and tree of the living keys only. Ids change. */
  #compact(): void {
    const old = this.#store;
    const store = new KeyStore();
    const tree = new PrefixTree(store, new Delimiters(this.#delimiters));
    for (let key = 0; key < old.count; key += 1) {
      if (!old.isAlive(key)) continue;
      const name = old.nameOf(key);
      store.put(name, 0, name.length, hashBytes(name, 0, name.length), old.markOf(key));
      tree.add(store.lastId);
    }
    this.#store = store;
    this.#coming = null;
    this.#use(tree, new SortedChildren(tree));
  }

  #use(tree: PrefixTree, sorted: SortedChildren): void {
    this.#tree = tree;
    this.#sorted = sorted;
    for (const [id, view] of this.#views) {
      view.sync(this.version);
      this.#views.set(id, new View(tree, sorted, { ...view.options, expanded: view.expanded() }));
    }
  }

  /** Keeps filters and a coming tree moving in slices until there is nothing left to do. */
  #work(): void {
    if (this.#working || !this.#hasWork()) return;
    this.#working = true;
    setImmediate(() => {
      this.#working = false;
      if (this.#closed) return;
      const deadline = performance.now() + sliceMs;
      if (this.#slice(deadline)) {
        this.version += 1;
        this.#onChange();
      }
      this.#work();
    });
  }

  #hasWork(): boolean {
    if (this.#coming !== null) return true;
    for (const view of this.#views.values()) if (!view.upToDate) return true;
    return false;
  }

  /** One slice; whether rows changed. */
  #slice(deadline: number): boolean {
    let changed = false;
    for (const view of this.#views.values()) changed = view.advance(deadline) || changed;
    const coming = this.#coming;
    if (coming === null) return changed;
    const { store } = coming.tree;
    do {
      const end = Math.min(store.count, coming.next + 512);
      for (; coming.next < end; coming.next += 1) if (store.isAlive(coming.next)) coming.tree.add(coming.next);
    } while (coming.next < store.count && performance.now() < deadline);
    if (coming.next < store.count) return changed;
    this.#coming = null;
    this.#use(coming.tree, coming.sorted);
    return true;
  }
}
