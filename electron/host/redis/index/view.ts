import type { GroupFacts, StoredFacts, ViewSort } from '../../../../shared/contract/key-facts.ts';
import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import type { Exactness, Row, RowPage } from '../../../../shared/contract/keys.ts';
import { fieldsOf } from '../../../../shared/redis/key-predicate.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { fromWire, toWire, type WireBytes } from '../../../../shared/bytes.ts';
import { Expansion } from './expansion.ts';
import type { Contribution, FactColumns } from './fact-columns.ts';
import { FilteredKeys } from './filtered-keys.ts';
import type { FolderFacts } from './folder-facts.ts';
import { none } from './id-table.ts';
import { compileFilter } from './name-filter.ts';
import { rootFolder, type FolderCounts, type PrefixTree } from './prefix-tree.ts';
import { RowWalk } from './row-walk.ts';
import type { SortedChildren } from './sorted-children.ts';
import { SortedList } from './sorted-list.ts';
import { SubtreeWalk } from './subtree-walk.ts';
import { ViewLayout, type ViewMode } from './view-layout.ts';
import { sortSource } from './view-sort.ts';

export interface ViewOptions {
  mode: ViewMode;
  filter: KeyFilter;
  sort?: ViewSort | null | undefined;
  expanded: readonly WireBytes[];
}

export interface ViewTotals {
  total: number;
  keys: number;
  /** Whether every key that may belong to the view has been judged. */
  judged: boolean;
}

/** What an index knows of its keys beside their names. */
export interface ViewFacts {
  readonly columns: FactColumns | null;
  /** Sums over all keys. */
  readonly folders: FolderFacts | null;
  /** Unix ms by the server's clock. */
  now(): number;
  /** When the pass that saw a key last began, Unix ms. */
  seenAt(key: number): number;
  /** Grows whenever keys or facts come or go. */
  readonly contents: number;
}

/** The next key's id in a view's order, `null` at the end. */
export interface KeyWalk {
  next(): number | null;
}

export type RowRef = { kind: 'folder' | 'key'; id: number };

/** One way of looking at an index. `sync` must have seen the index's newest version before anything is asked. */
export class View {
  readonly options: ViewOptions;
  readonly #tree: PrefixTree;
  readonly #facts: ViewFacts;
  readonly #filtered: FilteredKeys | null;
  readonly #expansion: Expansion;
  readonly #layout: ViewLayout;
  /** The same keys in list order, for what is below a folder. */
  readonly #list: ViewLayout;
  /** A list in another order than that of names. */
  readonly #sortedList: SortedList | null;
  #version = -1;

  constructor(tree: PrefixTree, sorted: SortedChildren, options: ViewOptions, facts: ViewFacts) {
    const glob = compileFilter(options.filter);
    const plain = glob === null && fieldsOf(options.filter).length === 0;
    this.options = options;
    this.#tree = tree;
    this.#facts = facts;
    this.#filtered = plain ? null : new FilteredKeys(tree, glob, options.filter, facts.columns, () => facts.now());
    this.#expansion = new Expansion(tree, options.expanded.map(fromWire));
    this.#layout = new ViewLayout(options.mode, tree, sorted, this.#filtered, this.#expansion);
    this.#list = options.mode === 'list' ? this.#layout : new ViewLayout('list', tree, sorted, this.#filtered, this.#expansion);
    const sort = options.mode === 'list' ? (options.sort ?? null) : null;
    const byName = sort === null || (sort.by === 'name' && !sort.descending);
    this.#sortedList = byName
      ? null
      : new SortedList(
          sortSource(sort, {
            store: tree.store,
            columns: () => facts.columns,
            count: () => this.#layout.counts.keysBelow(rootFolder),
            passes: (key) => this.passes(key),
            byName: () => new SubtreeWalk(this.#list, tree.store, rootFolder),
          }),
        );
  }

  /** Works in the background until `deadline`; whether that changed anything. */
  advance(deadline: number): boolean {
    const filtered = this.#filtered?.advance(deadline, (key) => this.#left(key)) ?? false;
    const list = this.#sortedList;
    if (list === null || !this.upToDate) return filtered;
    if (!list.working && !list.holds(this.#contents) && performance.now() >= list.dueAt) list.begin(this.#contents);
    return list.advance(deadline) || filtered;
  }

  /** Whether there is something to do now. */
  get busy(): boolean {
    return !this.upToDate || this.#filtered?.sweeping === true || this.#sortedList?.working === true || (this.dueAt ?? Infinity) <= performance.now();
  }

  /** When there will be something to do without any change, of `performance.now()`; `null` = never. */
  get dueAt(): number | null {
    const sweep = this.#filtered?.sweepDueAt ?? null;
    const list = this.#sortedList;
    const sort = list === null || list.working || list.holds(this.#contents) ? null : list.dueAt;
    if (sweep === null || sort === null) return sweep ?? sort;
    return Math.min(sweep, sort);
  }

  /** Begins what time has made due. */
  wake(): void {
    if ((this.#filtered?.sweepDueAt ?? Infinity) <= performance.now()) this.#filtered?.beginSweep();
  }

  /** Whether every key of the index has been tried against the filter. */
  get upToDate(): boolean {
    return this.#filtered?.upToDate ?? true;
  }

  /** The same, and every fact that decides is known. */
  get decided(): boolean {
    return this.#filtered?.decided ?? true;
  }

  /** Whether a list is in its order, and that of the present contents. */
  get inOrder(): boolean {
    return this.#sortedList === null || (this.#sortedList.ready && !this.#sortedList.working && this.#sortedList.holds(this.#contents));
  }

  passes(key: number): boolean {
    return this.#filtered?.passes(key) ?? this.#tree.store.isAlive(key);
  }

  /** Counts and sums of the keys that pass. */
  get counts(): FolderCounts {
    return this.#layout.counts;
  }

  get sums(): FolderFacts | null {
    return this.#filtered === null ? this.#facts.folders : this.#filtered.facts;
  }

  useFacts(columns: FactColumns): void {
    this.#filtered?.useFacts(columns);
  }

  factsChanged(key: number, before: Contribution, after: Contribution): void {
    if (this.#filtered?.factsChanged(key, before, after) === true) this.#left(key);
  }

  sync(version: number): void {
    if (this.#version === version) return;
    this.#version = version;
    this.#refresh();
  }

  /** Keys left the tree; `folders` lost direct contents. */
  removed(keys: readonly number[], folders: Iterable<number>): void {
    const changed = new Set(folders);
    for (const key of keys) {
      this.#filtered?.removed(key);
      // a filtered folder can empty while the folder itself stays
      for (let at = this.#tree.folderOfKey(key); this.#filtered !== null && at !== rootFolder; at = this.#tree.parentOf(at)) {
        changed.add(this.#tree.parentOf(at));
      }
    }
    this.#forget(changed);
  }

  revived(key: number): void {
    this.#filtered?.revived(key);
    this.#left(key);
  }

  totals(): ViewTotals {
    const total = this.#sortedList?.ids.length ?? this.#layout.total;
    return { total, keys: this.#layout.counts.keysBelow(rootFolder), judged: this.decided };
  }

  rows(from: number, count: number, anchor: RowRef | null, exactness: Exactness): RowPage {
    const { total, keys } = this.totals();
    const rows: Row[] = [];
    const honest: Exactness = exactness === 'exact' && !this.decided ? 'atLeast' : exactness;
    if (this.#sortedList !== null) {
      for (const key of this.#sortedList.ids.subarray(from, from + count)) rows.push(this.#row('key', key, 0, honest));
    } else if (from < total) {
      const walk = this.#walk(from);
      while (rows.length < count && walk.next()) rows.push(this.#row(walk.kind, walk.id, walk.depth, honest));
    }
    const anchorAt = anchor === null ? null : this.#placeOf(anchor);
    return { rows, from, total, keys, exactness: honest, sorting: !this.inOrder, version: this.#version, anchorAt };
  }

  toggle(folder: number, open: boolean, deep: boolean): void {
    if (!Number.isInteger(folder) || folder < 0 || folder >= this.#tree.count) {
      throw new LookasideError('NOT_FOUND', 'This folder is not in the index any more', { hint: 'The rows in view are read anew.' });
    }
    this.#expansion.set(folder, open, deep);
    this.#refresh();
  }

  /** Opens what is above and tells the row; `null` when the index does not hold it or the filter hides it. */
  reveal(name: Uint8Array, isFolder: boolean): number | null {
    const id = isFolder ? this.#tree.findFolder(name) : this.#tree.store.find(name);
    if (id === none || id === (isFolder ? rootFolder : none)) return null;
    const folder = isFolder ? this.#tree.parentOf(id) : this.#tree.folderOfKey(id);
    if (isFolder ? this.#layout.counts.keysBelow(id) === 0 : this.#filtered?.passes(id) === false) return null;
    this.#expansion.openUpTo(folder);
    this.#refresh();
    return this.#placeOf({ kind: isFolder ? 'folder' : 'key', id });
  }

  /** Prefixes of open folders. */
  expanded(): WireBytes[] {
    return this.#expansion.prefixes().map(toWire);
  }

  /** Names in row ranges (`to` excluded), each once, closed folders with all below them. */
  names(ranges: readonly { from: number; to: number }[], limit: number): WireBytes[] {
    const chosen = new Set<number>();
    const tooMany = (): LookasideError =>
      new LookasideError('LIMIT_EXCEEDED', `More than ${limit.toLocaleString('en-US')} names are selected`, {
        hint: 'Select less, or export the names to a file.',
        details: { limit },
      });
    const choose = (key: number): void => {
      chosen.add(key);
      if (chosen.size > limit) throw tooMany();
    };
    const { total } = this.totals();
    for (const { from, to } of ranges) {
      const end = Math.min(to, total);
      if (from >= end) continue;
      if (this.#sortedList !== null) {
        for (const key of this.#sortedList.ids.subarray(from, end)) choose(key);
        continue;
      }
      const walk = this.#walk(from);
      for (let row = from; row < end && walk.next(); row += 1) {
        if (walk.kind === 'key') choose(walk.id);
        else if (!this.#expansion.isOpen(walk.id)) {
          if (this.#layout.counts.keysBelow(walk.id) > limit) throw tooMany();
          const below = this.keysBelow(walk.id);
          for (let key = below.next(); key !== null; key = below.next()) choose(key);
        }
      }
    }
    return Array.from(chosen, (key) => toWire(this.#tree.store.nameOf(key)));
  }

  /** All keys below a folder that pass the filter, in the view's order for all, in that of names for one folder. */
  keysBelow(folder: number): KeyWalk {
    if (this.#sortedList !== null && folder === rootFolder) {
      const keys = this.#sortedList.ids.slice().values();
      return {
        next: () => {
          for (let key = keys.next(); key.done !== true; key = keys.next()) if (this.#tree.store.isAlive(key.value)) return key.value;
          return null;
        },
      };
    }
    return new SubtreeWalk(this.#list, this.#tree.store, folder);
  }

  /** Reads names by id, also when the index has moved on to another tree. */
  nameReader(): (key: number) => Uint8Array {
    const { store } = this.#tree;
    return (key) => store.nameOf(key);
  }

  /** The same for what is known of a key. */
  factsReader(): (key: number) => StoredFacts | null {
    const { columns } = this.#facts;
    return (key) => columns?.factsOf(key, this.#facts.seenAt(key)) ?? null;
  }

  /** How many `keysBelow` gives now. */
  countBelow(folder: number): number {
    if (!Number.isInteger(folder) || folder < 0 || folder >= this.#tree.count) throw new LookasideError('NOT_FOUND', 'This folder is not in the index any more');
    return this.#layout.counts.keysBelow(folder);
  }

  get bytes(): number {
    return this.#expansion.bytes + (this.#filtered?.bytes ?? 0) + (this.#sortedList?.bytes ?? 0);
  }

  #walk(row: number): RowWalk {
    return new RowWalk(this.#layout, (folder) => this.#expansion.isOpen(folder), row);
  }

  #placeOf(ref: RowRef): number | null {
    if (!Number.isInteger(ref.id) || ref.id < 0) return null;
    if (this.#sortedList !== null) {
      const at = ref.kind === 'key' ? this.#sortedList.ids.indexOf(ref.id) : -1;
      return at < 0 ? null : at;
    }
    if (ref.kind === 'key') return ref.id < this.#tree.store.count ? this.#layout.rowOfKey(ref.id) : null;
    if (ref.id === rootFolder || ref.id >= this.#tree.count) return null;
    return this.#layout.rowOfFolder(ref.id);
  }

  #row(kind: 'folder' | 'key', id: number, depth: number, exactness: Exactness): Row {
    const tree = this.#tree;
    if (kind === 'folder') {
      return {
        kind,
        id,
        depth,
        label: toWire(tree.labelOf(id)),
        prefix: toWire(tree.prefixOf(id)),
        keys: this.#layout.counts.keysBelow(id),
        exactness,
        open: this.#expansion.isOpen(id),
        facts: this.#folderFacts(id, exactness === 'exact'),
      };
    }
    const name = tree.store.nameOf(id);
    const whole = toWire(name);
    const from = this.#layout.mode === 'list' ? 0 : tree.prefixLengthOf(tree.folderOfKey(id));
    return { kind, id, depth, label: from === 0 ? whole : toWire(name.subarray(from)), name: whole, facts: this.#facts.columns?.factsOf(id, this.#facts.seenAt(id)) ?? null };
  }

  #folderFacts(folder: number, complete: boolean): GroupFacts | null {
    return this.sums?.factsOf(folder, this.#layout.counts.keysBelow(folder), complete) ?? null;
  }

  /** What the order of a list is made of. */
  get #contents(): number {
    return this.#facts.contents + (this.#filtered?.changes ?? 0);
  }

  /** A key left a folder, or came back to it: what is known of the folders above it counts no more. */
  #left(key: number): void {
    const path: number[] = [];
    for (let at = this.#tree.folderOfKey(key); ; at = this.#tree.parentOf(at)) {
      path.push(at);
      if (at === rootFolder) break;
    }
    this.#forget(path);
  }

  #refresh(): void {
    this.#expansion.refresh(this.#layout.counts);
    this.#layout.refresh();
    if (this.#list !== this.#layout) this.#list.refresh();
  }

  #forget(folders: Iterable<number>): void {
    for (const folder of folders) {
      this.#layout.forget(folder);
      if (this.#list !== this.#layout) this.#list.forget(folder);
    }
  }
}
