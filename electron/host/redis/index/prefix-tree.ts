import type { Delimiters } from '../../../../shared/redis/key-name.ts';
import { IdTable, none } from './id-table.ts';
import type { KeyStore } from './key-store.ts';
import { NameBatch } from './name-batch.ts';
import { hashBytes } from './name-hash.ts';
import { PagedRecords } from './paged-records.ts';

/** Counts of folders, of all keys or of those that pass a filter. */
export interface FolderCounts {
  /** Keys anywhere below. */
  keysBelow(folder: number): number;
  /** Folders directly inside that hold keys. */
  folders(folder: number): number;
  /** Keys directly inside. */
  keys(folder: number): number;
}

// What a search and a count touch is together in half a cache line: the first bytes of the segment too, so that most
// folders are recognised without a look at a name.
const parent = 0;
const prefixLength = 1;
const firstWord = 2;
const secondWord = 3;
/** Where a name with this prefix lies in the arena. */
const sample = 4;
const below = 5;
const keysInside = 6;
const firstKey = 7;
const folderFields = 8;

// what only new folders and walks touch
const delimiterLength = 0;
const foldersInside = 1;
const firstFolder = 2;
const nextFolder = 3;
const linkFields = 4;

/** Bytes of a segment that stand in its folder's record. */
const inlineBytes = 8;

// fields of a key's record
const folderOf = 0;
const nextKey = 1;

export const rootFolder = 0;

/**
 * Folders of the names in a store, for one set of delimiters. A folder is its prefix, so `a:` and `a/` are two. It is
 * linked into its parent while it holds keys. Ids are never reused and a child's is greater than its parent's.
 */
export class PrefixTree implements FolderCounts {
  readonly store: KeyStore;
  readonly delimiters: Delimiters;
  readonly #folders = new PagedRecords(folderFields);
  readonly #links = new PagedRecords(linkFields);
  readonly #keys = new PagedRecords(2);
  readonly #table = new IdTable();
  readonly #single = new NameBatch();
  #ahead = new Int32Array(0);
  #count = 1;
  #attached = 0;

  constructor(store: KeyStore, delimiters: Delimiters) {
    this.store = store;
    this.delimiters = delimiters;
    this.#folders.reserve(rootFolder);
    this.#links.reserve(rootFolder);
    this.#folders.set(rootFolder, firstKey, none);
    this.#links.set(rootFolder, firstFolder, none);
    this.#links.set(rootFolder, nextFolder, none);
  }

  /** So many folders are to come, as a guess. */
  expect(count: number): void {
    this.#table.expect(count);
  }

  /** Ids given so far, the root and empty folders included. */
  get count(): number {
    return this.#count;
  }

  /** Folders that hold keys, the root not counted. */
  get attached(): number {
    return this.#attached;
  }

  /** Puts a key of the store, new or back from the dead, into its folder. */
  add(key: number): void {
    const name = this.store.nameOf(key);
    const batch = this.#single;
    batch.clear(name);
    batch.add(0, name.length);
    batch.split(this.delimiters);
    batch.id[0] = key;
    batch.arrived[0] = 0;
    batch.arrivedCount = 1;
    this.addAll(batch);
  }

  /** The same for the names that have arrived with a batch, which these delimiters have split. */
  addAll(batch: NameBatch): void {
    this.#prepare(batch);
    const { arrived, arrivedCount, id, from } = batch;
    const keys = this.#keys;
    const folders = this.#folders;
    folders.add(rootFolder, below, arrivedCount);
    for (let i = 0; i < arrivedCount; i += 1) {
      const index = arrived[i] as number;
      const key = id[index] as number;
      const folder = this.#descend(key, batch, index, from[index] as number);
      const page = folders.page(folder);
      const at = folders.offset(folder);
      keys.reserve(key);
      const keyPage = keys.page(key);
      const keyAt = keys.offset(key);
      keyPage[keyAt + folderOf] = folder;
      keyPage[keyAt + nextKey] = page[at + firstKey] as number;
      page[at + firstKey] = key;
      page[at + keysInside] = (page[at + keysInside] as number) + 1;
    }
  }

  /** Counts a key in the folders of its name, and tells the innermost. */
  #descend(key: number, batch: NameBatch, index: number, from: number): number {
    const folders = this.#folders;
    const ahead = this.#ahead;
    const { words, boundaryEnd } = batch;
    const last = batch.firstBoundary[index + 1] as number;
    let folder = rootFolder;
    let segment = from;
    for (let i = batch.firstBoundary[index] as number; i < last; i += 1) {
      const end = boundaryEnd[i] as number;
      let child = ahead[i] as number;
      if (child === none || !this.#isChild(child, folder, words, from, segment, end)) child = this.#child(key, folder, batch, i, from, segment);
      const page = folders.page(child);
      const at = folders.offset(child);
      const now = (page[at + below] as number) + 1;
      page[at + below] = now;
      if (now === 1) this.#attach(child, folder);
      folder = child;
      segment = end;
    }
    return folder;
  }

  /** Looks up which folders the names of a batch are likely to be in, and so asks memory for what will be read. */
  #prepare(batch: NameBatch): void {
    const { boundaryHash, boundaryCount } = batch;
    const table = this.#table;
    const folders = this.#folders;
    if (this.#ahead.length < boundaryCount) this.#ahead = new Int32Array(boundaryCount * 2);
    const ahead = this.#ahead;
    let sum = 0;
    // one kind of read at a time: reads that no branch depends on wait for memory together
    sum ^= table.touchAll(boundaryHash, boundaryCount);
    for (let i = 0; i < boundaryCount; i += 1) ahead[i] = table.peek(boundaryHash[i] as number);
    for (let i = 0; i < boundaryCount; i += 1) {
      const folder = ahead[i] === none ? rootFolder : (ahead[i] as number);
      const page = folders.page(folder);
      const at = folders.offset(folder);
      // a record may lie across two cache lines
      sum ^= (page[at + parent] as number) ^ (page[at + firstKey] as number);
    }
    batch.touched ^= sum;
  }

  /** Takes keys out that the store has marked dead; the folders whose direct contents changed. */
  remove(keys: Iterable<number>): Set<number> {
    const folders = this.#folders;
    const changed = new Set<number>();
    for (const key of keys) {
      let folder = this.#keys.get(key, folderOf);
      folders.add(folder, keysInside, -1);
      changed.add(folder);
      for (;;) {
        const left = folders.add(folder, below, -1);
        if (folder === rootFolder) break;
        const above = folders.get(folder, parent);
        if (left === 0) {
          this.#links.add(above, foldersInside, -1);
          this.#attached -= 1;
          changed.add(above);
        }
        folder = above;
      }
    }
    for (const folder of changed) this.#relink(folder);
    return changed;
  }

  keysBelow(folder: number): number {
    return this.#folders.get(folder, below);
  }

  keys(folder: number): number {
    return this.#folders.get(folder, keysInside);
  }

  folders(folder: number): number {
    return this.#links.get(folder, foldersInside);
  }

  folderOfKey(key: number): number {
    return this.#keys.get(key, folderOf);
  }

  parentOf(folder: number): number {
    return this.#folders.get(folder, parent);
  }

  depthOf(folder: number): number {
    let depth = 0;
    for (let at = folder; at !== rootFolder; at = this.parentOf(at)) depth += 1;
    return depth;
  }

  /** Newest first; `none` ends it. */
  firstKeyOf(folder: number): number {
    return this.#folders.get(folder, firstKey);
  }

  nextKeyOf(key: number): number {
    return this.#keys.get(key, nextKey);
  }

  firstFolderOf(folder: number): number {
    return this.#links.get(folder, firstFolder);
  }

  nextFolderOf(folder: number): number {
    return this.#links.get(folder, nextFolder);
  }

  samplePosition(folder: number): number {
    return this.#folders.get(folder, sample);
  }

  /** Length of the prefix, its closing delimiter included; 0 for the root. */
  prefixLengthOf(folder: number): number {
    return this.#folders.get(folder, prefixLength);
  }

  delimiterLengthOf(folder: number): number {
    return this.#links.get(folder, delimiterLength);
  }

  /** A view, not a copy. */
  prefixOf(folder: number): Uint8Array {
    return this.store.arena.slice(this.samplePosition(folder), this.prefixLengthOf(folder));
  }

  /** The segment without its delimiter; a view. */
  labelOf(folder: number): Uint8Array {
    const from = this.prefixLengthOf(this.parentOf(folder));
    return this.prefixOf(folder).subarray(from, this.prefixLengthOf(folder) - this.delimiterLengthOf(folder));
  }

  /** A folder that holds keys, by its whole prefix, or `none`. */
  findFolder(prefix: Uint8Array): number {
    if (prefix.length === 0) return rootFolder;
    const hash = hashBytes(prefix, 0, prefix.length);
    let id = this.#table.first(hash);
    while (id !== none && !sameBytes(this.prefixOf(id), prefix)) id = this.#table.next();
    return id !== none && this.keysBelow(id) > 0 ? id : none;
  }

  get bytes(): number {
    return this.#folders.bytes + this.#links.bytes + this.#keys.bytes + this.#table.bytes;
  }

  #attach(folder: number, above: number): void {
    const links = this.#links;
    links.set(folder, nextFolder, links.get(above, firstFolder));
    links.set(above, firstFolder, folder);
    links.add(above, foldersInside, 1);
    this.#attached += 1;
  }

  /** Rebuilds a folder's lists of what it still holds, in their order. */
  #relink(folder: number): void {
    const folders = this.#folders;
    const keys = this.#keys;
    let last = none;
    for (let key = folders.get(folder, firstKey); key !== none; key = keys.get(key, nextKey)) {
      if (!this.store.isAlive(key)) continue;
      if (last === none) folders.set(folder, firstKey, key);
      else keys.set(last, nextKey, key);
      last = key;
    }
    if (last === none) folders.set(folder, firstKey, none);
    else keys.set(last, nextKey, none);
    const links = this.#links;
    let lastFolder = none;
    for (let child = links.get(folder, firstFolder); child !== none; child = links.get(child, nextFolder)) {
      if (folders.get(child, below) === 0) continue;
      if (lastFolder === none) links.set(folder, firstFolder, child);
      else links.set(lastFolder, nextFolder, child);
      lastFolder = child;
    }
    if (lastFolder === none) links.set(folder, firstFolder, none);
    else links.set(lastFolder, nextFolder, none);
  }

  /** Whether a folder is the one inside `inside` that a name from `from` on has between `segment` and `end`. */
  #isChild(folder: number, inside: number, words: DataView, from: number, segment: number, end: number): boolean {
    const page = this.#folders.page(folder);
    const at = this.#folders.offset(folder);
    if (page[at + parent] !== inside || page[at + prefixLength] !== end - from) return false;
    if (page[at + firstWord] !== wordAt(words, segment, end) || page[at + secondWord] !== wordAt(words, segment + 4, end)) return false;
    return end - segment <= inlineBytes || this.#sameTail(folder, words, segment - from + inlineBytes, from, end - from);
  }

  /** The folder inside another one that ends at a boundary of the batch, made when it is new. */
  #child(key: number, inside: number, batch: NameBatch, boundary: number, from: number, segment: number): number {
    const { words } = batch;
    const end = batch.boundaryEnd[boundary] as number;
    const table = this.#table;
    let id = table.first(batch.boundaryHash[boundary] as number);
    for (; id !== none; id = table.next()) if (this.#isChild(id, inside, words, from, segment, end)) return id;
    id = this.#count;
    this.#count += 1;
    const folders = this.#folders;
    folders.reserve(id);
    const page = folders.page(id);
    const at = folders.offset(id);
    page[at + parent] = inside;
    page[at + prefixLength] = end - from;
    page[at + firstWord] = wordAt(words, segment, end);
    page[at + secondWord] = wordAt(words, segment + 4, end);
    page[at + sample] = this.store.positionOf(key);
    page[at + firstKey] = none;
    const links = this.#links;
    links.reserve(id);
    const linkPage = links.page(id);
    const linkAt = links.offset(id);
    linkPage[linkAt + delimiterLength] = batch.boundaryDelimiter[boundary] as number;
    linkPage[linkAt + firstFolder] = none;
    linkPage[linkAt + nextFolder] = none;
    table.insert(id);
    return id;
  }

  /** Compares the bytes of a prefix from `at` on with a name. */
  #sameTail(id: number, words: DataView, at: number, from: number, length: number): boolean {
    const arena = this.store.arena;
    const position = this.#folders.get(id, sample);
    const other = arena.chunkOf(position);
    const start = arena.offsetOf(position);
    for (let i = at; i < length; i += 1) if (other[start + i] !== words.getUint8(from + i)) return false;
    return true;
  }
}

/** Four bytes as a number, zeros after the end. */
function wordAt(words: DataView, at: number, end: number): number {
  if (at + 4 <= end) return words.getInt32(at, true);
  let word = 0;
  for (let i = 0; at + i < end; i += 1) word |= words.getUint8(at + i) << (i * 8);
  return word;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}
