import type { GroupFacts } from '../../../../shared/contract/key-facts.ts';
import type { KeyFactField } from '../../../../shared/contract/key-filter.ts';
import { estimateSum } from '../../../../shared/redis/estimate-sum.ts';
import { Contribution, coreTypes, type FactColumns } from './fact-columns.ts';
import { notTold } from './page-facts.ts';
import { PagedFloats, PagedRecords } from './paged-records.ts';
import { rootFolder, type PrefixTree } from './prefix-tree.ts';

const withTtl = 0;
const withoutTtl = 1;

const sum = 0;
const squares = 1;

/** Slots of types: the core ones by code less 1, then all of modules. */
const typeSlots = coreTypes.length + 1;

function slotOf(type: number): number {
  return Math.min(type, typeSlots) - 1;
}

/** Facts summed up for every folder, of all keys of a tree or of those that pass a filter; follows each change. */
export class FolderFacts {
  readonly #tree: PrefixTree;
  readonly #columns: FactColumns;
  readonly #ttl: PagedRecords | null;
  readonly #bytes: PagedFloats | null;
  readonly #known: PagedRecords | null;
  readonly #types: PagedRecords | null;
  readonly #before = new Contribution();
  readonly #none = new Contribution();

  /** Takes over the sums of `former`, of the same tree, over fields that are asked for still. */
  constructor(tree: PrefixTree, columns: FactColumns, former: FolderFacts | null = null) {
    const { fields } = columns;
    this.#tree = tree;
    this.#columns = columns;
    this.#ttl = fields.has('ttl') ? ((former === null ? null : former.#ttl) ?? new PagedRecords(2)) : null;
    this.#bytes = fields.has('bytes') ? ((former === null ? null : former.#bytes) ?? new PagedFloats(2)) : null;
    this.#known = fields.has('bytes') ? ((former === null ? null : former.#known) ?? new PagedRecords(1)) : null;
    this.#types = fields.has('type') ? ((former === null ? null : former.#types) ?? new PagedRecords(typeSlots)) : null;
  }

  /** Adds what is known of a key. */
  add(key: number): void {
    this.#columns.contribution(key, this.#before);
    if (!this.#before.empty) this.move(key, this.#none, this.#before);
  }

  remove(key: number): void {
    this.#columns.contribution(key, this.#before);
    if (!this.#before.empty) this.move(key, this.#before, this.#none);
  }

  /** Replaces one key's part in the sums of its folders. */
  move(key: number, before: Contribution, after: Contribution): void {
    const tree = this.#tree;
    const bytes = (after.bytes === notTold ? 0 : after.bytes) - (before.bytes === notTold ? 0 : before.bytes);
    const square = (after.bytes === notTold ? 0 : after.bytes ** 2) - (before.bytes === notTold ? 0 : before.bytes ** 2);
    const known = (after.bytes === notTold ? 0 : 1) - (before.bytes === notTold ? 0 : 1);
    for (let folder = tree.folderOfKey(key); ; folder = tree.parentOf(folder)) {
      if (this.#ttl !== null && before.ttl !== after.ttl) {
        this.#ttl.reserve(folder);
        if (before.ttl !== 0) this.#ttl.add(folder, before.ttl === 1 ? withTtl : withoutTtl, -1);
        if (after.ttl !== 0) this.#ttl.add(folder, after.ttl === 1 ? withTtl : withoutTtl, 1);
      }
      if (this.#bytes !== null && (bytes !== 0 || known !== 0)) {
        this.#bytes.reserve(folder);
        this.#bytes.add(folder, sum, bytes);
        this.#bytes.add(folder, squares, square);
        this.#known?.reserve(folder);
        if (known !== 0) this.#known?.add(folder, 0, known);
      }
      if (this.#types !== null && before.type !== after.type) {
        this.#types.reserve(folder);
        if (before.type !== 0) this.#types.add(folder, slotOf(before.type), -1);
        if (after.type !== 0) this.#types.add(folder, slotOf(after.type), 1);
      }
      if (folder === rootFolder) return;
    }
  }

  /** Adds a folder's sums to others, `times` 1 or -1. */
  addTo(sums: FactSums, folder: number, times: 1 | -1 = 1): void {
    sums.with += times * (this.#ttl?.getOrZero(folder, withTtl) ?? 0);
    sums.without += times * (this.#ttl?.getOrZero(folder, withoutTtl) ?? 0);
    sums.known += times * (this.#known?.getOrZero(folder, 0) ?? 0);
    sums.bytes += times * (this.#bytes?.get(folder, sum) ?? 0);
    sums.squares += times * (this.#bytes?.get(folder, squares) ?? 0);
    for (let slot = 0; slot < typeSlots; slot += 1) sums.types[slot] = (sums.types[slot] as number) + times * (this.#types?.getOrZero(folder, slot) ?? 0);
  }

  /** Of a folder that holds `keys`; `complete` when none will come. */
  factsOf(folder: number, keys: number, complete: boolean): GroupFacts {
    const sums = new FactSums();
    this.addTo(sums, folder);
    return sums.facts(this.#columns, keys, complete);
  }

  get bytes(): number {
    return (this.#ttl?.bytes ?? 0) + (this.#bytes?.bytes ?? 0) + (this.#known?.bytes ?? 0) + (this.#types?.bytes ?? 0);
  }
}

/** Facts of some keys summed up. */
export class FactSums {
  with = 0;
  without = 0;
  /** Keys whose bytes are known, these bytes, and the sum of their squares. */
  known = 0;
  bytes = 0;
  squares = 0;
  readonly types = new Float64Array(typeSlots);

  add(key: Contribution): void {
    if (key.ttl === 1) this.with += 1;
    if (key.ttl === 2) this.without += 1;
    if (key.bytes !== notTold) {
      this.known += 1;
      this.bytes += key.bytes;
      this.squares += key.bytes ** 2;
    }
    if (key.type !== 0) this.types[slotOf(key.type)] = (this.types[slotOf(key.type)] as number) + 1;
  }

  merge(other: FactSums): void {
    this.with += other.with;
    this.without += other.without;
    this.known += other.known;
    this.bytes += other.bytes;
    this.squares += other.squares;
    for (let slot = 0; slot < typeSlots; slot += 1) this.types[slot] = (this.types[slot] as number) + (other.types[slot] as number);
  }

  /** Of all the facts of `keys` keys; what no column holds is `null`. */
  facts(columns: FactColumns | null, keys: number, complete: boolean): GroupFacts {
    const has = (field: KeyFactField) => columns?.fields.has(field) === true;
    const { known, bytes, squares } = this;
    const counts = [...coreTypes, 'other'].map((type, slot) => ({ type, keys: this.types[slot] as number }));
    return {
      ttl: has('ttl') ? { with: this.with, without: this.without, unknown: Math.max(0, keys - this.with - this.without) } : null,
      bytes: has('bytes') ? estimateSum({ known, sum: bytes, squares, total: keys, complete }) : null,
      types: has('type') ? counts.filter((each) => each.keys > 0).toSorted((a, b) => b.keys - a.keys) : null,
    };
  }
}
