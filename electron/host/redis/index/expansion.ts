import { none } from './id-table.ts';
import { PagedBytes, PagedRecords } from './paged-records.ts';
import { rootFolder, type FolderCounts, type PrefixTree } from './prefix-tree.ts';

const inside = 0;
const openInside = 1;
/** Prefixes that a reply names at most. */
export const maxPrefixes = 2000;

function prefixKey(prefix: Uint8Array): string {
  return Buffer.from(prefix.buffer, prefix.byteOffset, prefix.byteLength).toString('latin1');
}

/** Which folders of a view are open, and how many rows that makes. A folder that does not exist yet can be open already. */
export class Expansion {
  readonly #tree: PrefixTree;
  readonly #open = new PagedBytes();
  /** Ids of open folders, ascending, the root always among them. */
  #ids: number[] = [rootFolder];
  readonly #pending = new Map<string, Uint8Array>();
  readonly #rows = new PagedRecords(2);

  constructor(tree: PrefixTree, prefixes: readonly Uint8Array[]) {
    this.#tree = tree;
    this.#open.reserve(rootFolder);
    this.#open.set(rootFolder, 1);
    for (const prefix of prefixes) if (prefix.length > 0) this.#pending.set(prefixKey(prefix), Uint8Array.from(prefix));
  }

  isOpen(folder: number): boolean {
    return this.#open.get(folder) === 1;
  }

  /** Opens or closes one folder, or all below it too. */
  set(folder: number, open: boolean, deep: boolean): void {
    this.#setAll(deep ? this.#subtree(folder) : [folder], open);
    if (deep && !open) this.#dropPending(folder);
  }

  /** Opens a folder and those above it. */
  openUpTo(folder: number): void {
    const path: number[] = [];
    for (let at = folder; at !== rootFolder; at = this.#tree.parentOf(at)) path.push(at);
    this.#setAll(path, true);
  }

  /** Opens what was waited for and has come, then counts rows anew. Call it after every change of tree, counts or state. */
  refresh(counts: FolderCounts): void {
    this.#resolve();
    const rows = this.#rows;
    const ids = this.#ids;
    for (const id of ids) {
      rows.reserve(id);
      rows.set(id, inside, 0);
      rows.set(id, openInside, 0);
    }
    // children have greater ids than their parents, so each is complete before it is added to the one above
    for (let i = ids.length - 1; i >= 0; i -= 1) {
      const id = ids[i] as number;
      const total = rows.add(id, inside, counts.folders(id) + counts.keys(id));
      if (id === rootFolder || counts.keysBelow(id) === 0) continue;
      const above = this.#tree.parentOf(id);
      if (!this.isOpen(above)) continue;
      rows.add(above, inside, total);
      rows.add(above, openInside, 1);
    }
  }

  /** Rows that an open folder shows below its own, as of the last refresh. */
  rowsInside(folder: number): number {
    return this.#rows.getOrZero(folder, inside);
  }

  hasOpenFolders(folder: number): boolean {
    return this.#rows.getOrZero(folder, openInside) > 0;
  }

  /** Prefixes of open folders, oldest first, then of those that are waited for; at most `maxPrefixes`. */
  prefixes(): Uint8Array[] {
    const found = this.#ids.slice(1, maxPrefixes + 1).map((id) => this.#tree.prefixOf(id));
    return [...found, ...[...this.#pending.values()].slice(0, maxPrefixes - found.length)];
  }

  get bytes(): number {
    return this.#open.bytes + this.#rows.bytes + this.#ids.length * 8;
  }

  #setAll(folders: readonly number[], open: boolean): void {
    const changed = folders.filter((each) => each !== rootFolder && this.isOpen(each) !== open);
    if (changed.length === 0) return;
    for (const each of changed) {
      this.#open.reserve(each);
      this.#open.set(each, open ? 1 : 0);
    }
    const ids = open ? [...this.#ids, ...changed] : this.#ids.filter((each) => this.isOpen(each));
    this.#ids = ids.toSorted((a, b) => a - b);
  }

  #resolve(): void {
    const found: number[] = [];
    for (const [key, prefix] of this.#pending) {
      const folder = this.#tree.findFolder(prefix);
      if (folder === none) continue;
      this.#pending.delete(key);
      found.push(folder);
    }
    this.#setAll(found, true);
  }

  #dropPending(folder: number): void {
    const prefix = prefixKey(this.#tree.prefixOf(folder));
    for (const key of this.#pending.keys()) if (key.startsWith(prefix)) this.#pending.delete(key);
  }

  /** The folder and all folders below it that hold keys. */
  #subtree(folder: number): number[] {
    const tree = this.#tree;
    const found = [folder];
    for (let i = 0; i < found.length; i += 1) {
      for (let child = tree.firstFolderOf(found[i] as number); child !== none; child = tree.nextFolderOf(child)) found.push(child);
    }
    return found;
  }
}
