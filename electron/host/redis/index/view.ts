import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import type { Exactness, Row, RowPage } from '../../../../shared/contract/keys.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { fromWire, toWire, type WireBytes } from '../../../../shared/bytes.ts';
import { Expansion } from './expansion.ts';
import { FilteredKeys } from './filtered-keys.ts';
import { none } from './id-table.ts';
import { compileFilter } from './name-filter.ts';
import { rootFolder, type PrefixTree } from './prefix-tree.ts';
import { RowWalk } from './row-walk.ts';
import type { SortedChildren } from './sorted-children.ts';
import { SubtreeWalk } from './subtree-walk.ts';
import { ViewLayout, type ViewMode } from './view-layout.ts';

export interface ViewOptions {
  mode: ViewMode;
  filter: KeyFilter;
  expanded: readonly WireBytes[];
}

export interface ViewTotals {
  total: number;
  keys: number;
}

export type RowRef = { kind: 'folder' | 'key'; id: number };

/** One way of looking at an index. `sync` must have seen the index's newest version before anything is asked. */
export class View {
  readonly options: ViewOptions;
  readonly #tree: PrefixTree;
  readonly #filtered: FilteredKeys | null;
  readonly #expansion: Expansion;
  readonly #layout: ViewLayout;
  /** The same keys in list order, for what is below a folder. */
  readonly #list: ViewLayout;
  #version = -1;

  constructor(tree: PrefixTree, sorted: SortedChildren, options: ViewOptions) {
    const glob = compileFilter(options.filter);
    this.options = options;
    this.#tree = tree;
    this.#filtered = glob === null ? null : new FilteredKeys(tree, glob);
    this.#expansion = new Expansion(tree, options.expanded.map(fromWire));
    this.#layout = new ViewLayout(options.mode, tree, sorted, this.#filtered, this.#expansion);
    this.#list = options.mode === 'list' ? this.#layout : new ViewLayout('list', tree, sorted, this.#filtered, this.#expansion);
  }

  /** Tries new keys against the filter until `deadline`; whether that changed anything. */
  advance(deadline: number): boolean {
    return this.#filtered?.advance(deadline) ?? false;
  }

  /** Whether every key of the index has been tried against the filter. */
  get upToDate(): boolean {
    return this.#filtered?.upToDate ?? true;
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
    const path: number[] = [];
    for (let at = this.#tree.folderOfKey(key); ; at = this.#tree.parentOf(at)) {
      path.push(at);
      if (at === rootFolder) break;
    }
    this.#forget(path);
  }

  totals(): ViewTotals {
    return { total: this.#layout.total, keys: this.#layout.counts.keysBelow(rootFolder) };
  }

  rows(from: number, count: number, anchor: RowRef | null, exactness: Exactness): RowPage {
    const { total, keys } = this.totals();
    const rows: Row[] = [];
    const honest: Exactness = exactness === 'exact' && !this.upToDate ? 'atLeast' : exactness;
    if (from < total) {
      const walk = this.#walk(from);
      while (rows.length < count && walk.next()) rows.push(this.#row(walk.kind, walk.id, walk.depth, honest));
    }
    const anchorAt = anchor === null ? null : this.#placeOf(anchor);
    return { rows, from, total, keys, version: this.#version, anchorAt };
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

  /** All keys below a folder that pass the filter, in list order. */
  keysBelow(folder: number): SubtreeWalk {
    return new SubtreeWalk(this.#list, this.#tree.store, folder);
  }

  /** Reads names by id, also when the index has moved on to another tree. */
  nameReader(): (key: number) => Uint8Array {
    const { store } = this.#tree;
    return (key) => store.nameOf(key);
  }

  /** How many `keysBelow` gives now. */
  countBelow(folder: number): number {
    if (!Number.isInteger(folder) || folder < 0 || folder >= this.#tree.count) throw new LookasideError('NOT_FOUND', 'This folder is not in the index any more');
    return this.#layout.counts.keysBelow(folder);
  }

  get bytes(): number {
    return this.#expansion.bytes + (this.#filtered?.bytes ?? 0);
  }

  #walk(row: number): RowWalk {
    return new RowWalk(this.#layout, (folder) => this.#expansion.isOpen(folder), row);
  }

  #placeOf(ref: RowRef): number | null {
    if (!Number.isInteger(ref.id) || ref.id < 0) return null;
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
      };
    }
    const name = tree.store.nameOf(id);
    const whole = toWire(name);
    const from = this.#layout.mode === 'list' ? 0 : tree.prefixLengthOf(tree.folderOfKey(id));
    return { kind, id, depth, label: from === 0 ? whole : toWire(name.subarray(from)), name: whole };
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
