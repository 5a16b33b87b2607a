import type { KeyFactField } from '../../../../shared/contract/key-filter.ts';
import type { Exactness } from '../../../../shared/contract/keys.ts';
import { Delimiters } from '../../../../shared/redis/key-name.ts';
import { ComingTree } from './coming-tree.ts';
import { DelimiterHints } from './delimiter-hints.ts';
import { Contribution, FactColumns } from './fact-columns.ts';
import { FolderFacts } from './folder-facts.ts';
import { KeyStore } from './key-store.ts';
import { NameBatch } from './name-batch.ts';
import { none } from './id-table.ts';
import { hashBytes } from './name-hash.ts';
import { OpenViews } from './open-views.ts';
import { notTold, PageFacts } from './page-facts.ts';
import { PrefixTree } from './prefix-tree.ts';
import { SortedChildren } from './sorted-children.ts';
import { SlicedWork } from './sliced-work.ts';
import type { View, ViewFacts, ViewOptions, ViewTotals } from './view.ts';

/** Dead names are dropped for good when there are more of them than this and than living ones. */
const maxDead = 100_000;

/** Folders per key that room is made for ahead. */
const expectedFolders = 0.25;

const nothing = new Uint8Array(0);

/**
 * Names, their tree, and the views on it. It knows nothing of servers: names come in by `put`, passes end with
 * `endPass`. `onChange` is called when rows may have changed by its own doing.
 */
export class KeyspaceIndex {
  #store = new KeyStore();
  #tree: PrefixTree;
  #sorted: SortedChildren;
  #coming: ComingTree | null = null;
  #columns: FactColumns | null = null;
  #folderFacts: FolderFacts | null = null;
  /** The page that tickets of the batch point into. */
  #page: PageFacts | null = null;
  readonly #before = new Contribution();
  readonly #after = new Contribution();
  /** Unix ms when the pass with a mark began. */
  readonly #passBegan = new Float64Array(256);
  #contents = 0;
  readonly #hints = new DelimiterHints();
  /** What views see; it has no state of its own. */
  readonly #viewFacts: ViewFacts;
  #delimiters: readonly string[];
  readonly #batch = new NameBatch();
  #batchMark = 0;
  readonly #views: OpenViews;
  /** Keeps filters and a coming tree moving. */
  readonly #work: SlicedWork;
  readonly #onChange: () => void;
  #closed = false;
  version = 0;
  /** What rows say of their counts; kept by the scan. */
  exactness: Exactness = 'atLeast';
  /** The server's clock less ours, ms. */
  clockSkew = 0;

  constructor(delimiters: readonly string[], onChange: () => void) {
    this.#delimiters = delimiters;
    this.#tree = new PrefixTree(this.#store, new Delimiters(delimiters));
    this.#sorted = new SortedChildren(this.#tree);
    this.#onChange = onChange;
    const columns = () => this.#columns;
    const folders = () => this.#folderFacts;
    const contents = () => this.#contents;
    this.#viewFacts = {
      get columns() {
        return columns();
      },
      get folders() {
        return folders();
      },
      get contents() {
        return contents();
      },
      now: () => this.now(),
      seenAt: (key) => this.#passBegan[this.#store.markOf(key)] as number,
    };
    this.#views = new OpenViews(
      this.#viewFacts,
      () => this.version,
      () => this.changed(),
    );
    const busy = () => this.#coming !== null || this.#views.busy;
    const dueAt = () => this.#views.dueAt;
    this.#work = new SlicedWork({
      get busy() {
        return busy();
      },
      get dueAt() {
        return dueAt();
      },
      slice: (deadline) => this.#slice(deadline),
    });
  }

  /**
   * Notes that a pass saw a name; `mark` is the pass's, 1 to 255. Duplicates collapse. The bytes must stay as they are
   * until `flush`. With a ticket the key's facts are taken from that place of the page told last.
   */
  put(bytes: Uint8Array, from: number, to: number, mark: number, ticket = -1): void {
    const batch = this.#batch;
    if (batch.full || batch.bytes !== bytes || this.#batchMark !== mark) {
      this.flush();
      batch.clear(bytes);
      this.#batchMark = mark;
    }
    batch.add(from, to, ticket);
  }

  /** The same for `count` names, `bytes[from[i]...to[i]]`, with tickets from the one given on; the arrays are read before it returns. */
  putAll(bytes: Uint8Array, from: Int32Array, to: Int32Array, count: number, mark: number, ticket = -1): void {
    const batch = this.#batch;
    for (let done = 0; done < count; ) {
      if (batch.full || batch.bytes !== bytes || this.#batchMark !== mark) {
        this.flush();
        batch.clear(bytes);
        this.#batchMark = mark;
      }
      done += batch.addSome(from, to, done, count, ticket < 0 ? -1 : ticket + done);
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
    this.#contents += batch.arrivedCount;
    if (batch.ticketed) {
      for (let i = 0; i < count; i += 1) {
        const ticket = batch.ticket[i] as number;
        if (ticket >= 0) this.#setFacts(batch.id[i] as number, ticket, this.#page);
      }
    }
    batch.clear(nothing);
  }

  /** The page that the tickets of the next names point into. What came before is worked through first. */
  usePage(page: PageFacts, recency: 'idle' | 'frequency' | null): void {
    this.flush();
    this.#page = page;
    if (this.#columns === null || recency === null) return;
    this.#columns.recencyKind ??= recency;
    // masters with unlike policies: one column cannot hold both
    if (this.#columns.recencyKind !== recency) page.recency.fill(notTold);
  }

  /** Keeps room for these facts, and what is held of them; none = forgets all. */
  setFactFields(fields: readonly KeyFactField[]): void {
    this.flush();
    this.#contents += 1;
    this.#page = null;
    if (fields.length === 0) {
      this.#columns = null;
      this.#folderFacts = null;
      if (this.#coming !== null) this.#coming.facts = null;
      this.#use(this.#tree, this.#sorted, null);
      return;
    }
    const columns = new FactColumns(fields, this.#columns);
    this.#columns = columns;
    this.#folderFacts = new FolderFacts(this.#tree, columns, this.#folderFacts);
    if (this.#coming !== null) this.#coming.facts = new FolderFacts(this.#coming.tree, columns, this.#coming.facts);
    for (const view of this.#views.byId.values()) view.useFacts(columns);
  }

  /** `null` until facts are asked for. */
  get columns(): FactColumns | null {
    return this.#columns;
  }

  get tree(): PrefixTree {
    return this.#tree;
  }

  get folderFacts(): FolderFacts | null {
    return this.#folderFacts;
  }

  /** What the names suggest. */
  get suggestedDelimiters(): string[] {
    return this.#hints.of(this.#store);
  }

  /** Unix ms by the server's clock. */
  now(): number {
    return Date.now() + this.clockSkew;
  }

  /** A pass begins that puts names with this mark. */
  passBegins(mark: number, at: number): void {
    this.#passBegan[mark] = at;
  }

  seenAt(key: number): number {
    return this.#viewFacts.seenAt(key);
  }

  /** Keys that these passes have seen. */
  seenBy(marks: ReadonlySet<number>): number {
    let seen = 0;
    for (const mark of marks) seen += this.#store.markedWith(mark);
    return seen;
  }

  /** To be called after each run of `put` that may have changed rows. */
  changed(): void {
    this.flush();
    this.version += 1;
    this.#work.go();
  }

  get keys(): number {
    return this.#store.alive;
  }

  get folders(): number {
    return this.#tree.attached;
  }

  get bytes(): number {
    const names = this.#store.bytes + this.#tree.bytes + this.#sorted.bytes + (this.#coming?.bytes ?? 0);
    return names + (this.#columns?.bytes ?? 0) + (this.#folderFacts?.bytes ?? 0) + this.#views.bytes;
  }

  /** Whether keys are held that none of these passes has seen. */
  holdsOthers(marks: ReadonlySet<number>): boolean {
    return this.seenBy(marks) < this.#store.alive;
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

  /**
   * Takes in what an edit added, changed and removed, before the next pass sees it. The added carry the mark of a present
   * pass. What was known of a key that was changed is forgotten.
   */
  note(added: readonly Uint8Array[], removed: readonly Uint8Array[], mark: number): void {
    for (const name of added) this.put(name, 0, name.length, mark);
    this.flush();
    const unknown = new PageFacts(1);
    for (const name of added) this.#setFacts(this.#store.find(name), 0, unknown);
    const gone = new Set(removed.map((name) => this.#store.find(name)).filter((key) => key !== none));
    if (gone.size > 0) this.#drop([...gone]);
    else this.changed();
  }

  #drop(gone: number[]): void {
    const store = this.#store;
    this.#contents += 1;
    for (const key of gone) {
      store.kill(key);
      this.#folderFacts?.remove(key);
    }
    const folders = this.#tree.remove(gone);
    for (const folder of folders) this.#sorted.forget(folder);
    for (const view of this.#views.byId.values()) view.removed(gone, folders);
    // the sums above needed what was known of them
    for (const key of gone) this.#columns?.clear(key);
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
    this.#work.go();
  }

  openView(id: string, options: ViewOptions): Promise<ViewTotals> {
    return this.#views.open(id, this.#tree, this.#sorted, options);
  }

  /** The view when its filter has tried every key that is held now, and a list is in order. */
  completeView(id: string): Promise<View> {
    return this.#views.complete(id);
  }

  /** The view when its filter has tried every key that is held now. */
  judgedView(id: string): Promise<View> {
    return this.#views.judged(id);
  }

  get closed(): boolean {
    return this.#closed;
  }

  closeView(id: string): void {
    this.#views.byId.delete(id);
  }

  /** The view, up to date with the index; throws NOT_FOUND. */
  view(id: string): View {
    return this.#views.get(id);
  }

  close(): void {
    this.#closed = true;
    this.#work.close();
    this.#views.close();
    this.#coming = null;
  }

  #setFacts(key: number, ticket: number, page: PageFacts | null): void {
    const columns = this.#columns;
    if (columns === null || page === null) return;
    const [before, after] = [this.#before, this.#after];
    columns.contribution(key, before);
    columns.set(key, page, ticket);
    columns.contribution(key, after);
    this.#contents += 1;
    if (!before.same(after)) {
      this.#folderFacts?.move(key, before, after);
      const coming = this.#coming;
      if (coming !== null && key < coming.next) coming.facts?.move(key, before, after);
    }
    for (const view of this.#views.byId.values()) view.factsChanged(key, before, after);
  }

  #revived(key: number): void {
    for (const view of this.#views.byId.values()) view.revived(key);
    if (this.#coming !== null && key < this.#coming.next) this.#coming.tree.add(key);
  }

  #begin(): void {
    this.#coming = new ComingTree(this.#store, new Delimiters(this.#delimiters), this.#columns);
  }

  /** Builds store and tree of the living keys only. Ids change. */
  #compact(): void {
    const old = this.#store;
    const store = new KeyStore();
    const tree = new PrefixTree(store, new Delimiters(this.#delimiters));
    const former = this.#columns;
    const columns = former === null ? null : new FactColumns(former.fields, former, false);
    const facts = columns === null ? null : new FolderFacts(tree, columns);
    for (let key = 0; key < old.count; key += 1) {
      if (!old.isAlive(key)) continue;
      const name = old.nameOf(key);
      store.put(name, 0, name.length, hashBytes(name, 0, name.length), old.markOf(key));
      tree.add(store.lastId);
      if (former === null) continue;
      columns?.copy(store.lastId, former, key);
      facts?.add(store.lastId);
    }
    this.#store = store;
    this.#coming = null;
    this.#columns = columns;
    this.#use(tree, new SortedChildren(tree), facts);
  }

  #use(tree: PrefixTree, sorted: SortedChildren, facts: FolderFacts | null): void {
    this.#tree = tree;
    this.#sorted = sorted;
    this.#folderFacts = facts;
    this.#contents += 1;
    this.#views.use(tree, sorted);
  }

  #slice(deadline: number): void {
    let changed = this.#views.advance(deadline);
    const coming = this.#coming;
    if (coming?.advance(deadline) === true) {
      this.#coming = null;
      this.#use(coming.tree, coming.sorted, coming.facts);
      changed = true;
    }
    if (!changed) return;
    this.version += 1;
    this.#onChange();
  }
}
