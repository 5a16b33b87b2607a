import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import type { Glob } from '../../../../shared/redis/glob.ts';
import { Contribution, type FactColumns } from './fact-columns.ts';
import { compileFactTest, fails, holds, undecided, type FactTest } from './fact-test.ts';
import { FolderFacts } from './folder-facts.ts';
import { PagedBytes, PagedRecords } from './paged-records.ts';
import { rootFolder, type FolderCounts, type PrefixTree } from './prefix-tree.ts';

const below = 0;
const keysInside = 1;
const foldersInside = 2;
/** Names tried between two looks at the clock. */
const batch = 512;

// what is known of a key: not tried or its name fails, passes, facts missing, facts fail
const out = 0;
const passed = 1;
const open = 2;
const refused = 3;

const nothing = new Contribution();

/** Judging all keys anew because time went by: not sooner than this after the last time, ms, nor than so many times its duration. */
const sweepEveryMs = 5000;
const sweepRest = 20;

/** Which keys of a tree pass a filter, and how many in each folder; follows the tree as keys and facts arrive. */
export class FilteredKeys implements FolderCounts {
  readonly #tree: PrefixTree;
  readonly #glob: Glob | null;
  readonly #filter: KeyFilter;
  readonly #states = new PagedBytes();
  readonly #counts = new PagedRecords(3);
  /** Unix ms by the server's clock. */
  readonly #now: () => number;
  #test: FactTest | null;
  #facts: FolderFacts | null;
  /** Keys below this id have been tried. */
  #tried = 0;
  /** Keys whose names pass and whose facts do not say. */
  #open = 0;
  #sweep = { next: 0, until: 0, took: 0, endedAt: performance.now() };
  /** Grows with every key that comes or leaves. */
  changes = 0;

  constructor(tree: PrefixTree, glob: Glob | null, filter: KeyFilter, columns: FactColumns | null, now: () => number) {
    this.#tree = tree;
    this.#glob = glob;
    this.#filter = filter;
    this.#now = now;
    this.#test = compileFactTest(filter, columns);
    this.#facts = columns === null ? null : new FolderFacts(tree, columns);
  }

  /** Other columns; those that were there before hold what they held. */
  useFacts(columns: FactColumns): void {
    this.#test = compileFactTest(this.#filter, columns);
    this.#facts = new FolderFacts(this.#tree, columns, this.#facts);
  }

  /** Sums over the keys that pass; `null` where facts were never asked for. */
  get facts(): FolderFacts | null {
    return this.#facts;
  }

  get upToDate(): boolean {
    return this.#tried === this.#tree.store.count;
  }

  /** Whether every key has been tried and its facts said enough. */
  get decided(): boolean {
    return this.upToDate && this.#open === 0;
  }

  get sweeping(): boolean {
    return this.#sweep.next < this.#sweep.until;
  }

  /** When all keys are to be judged anew, of `performance.now()`; `null` when time changes nothing. */
  get sweepDueAt(): number | null {
    if (this.#test?.timed !== true || this.sweeping) return null;
    return this.#sweep.endedAt + Math.max(sweepEveryMs, this.#sweep.took * sweepRest);
  }

  beginSweep(): void {
    this.#sweep = { next: 0, until: this.#tried, took: 0, endedAt: 0 };
  }

  /** Tries keys that are new, then those to be judged anew, until `deadline` (of `performance.now()`); whether anything changed. */
  advance(deadline: number, left: (key: number) => void): boolean {
    const { store } = this.#tree;
    const begun = this.#tried;
    const now = this.#now();
    while (this.#tried < store.count && (this.#tried === begun || performance.now() < deadline)) {
      const end = Math.min(store.count, this.#tried + batch);
      for (let key = this.#tried; key < end; key += 1) if (store.isAlive(key)) this.#try(key, now);
      this.#tried = end;
    }
    const changed = this.#tried > begun;
    return this.#sweepUntil(deadline, left) || changed;
  }

  passes(key: number): boolean {
    return this.#states.get(key) === passed;
  }

  removed(key: number): void {
    const state = this.#states.get(key);
    if (state === open) this.#open -= 1;
    if (state === passed) {
      this.#facts?.remove(key);
      this.#count(key, -1);
    }
    if (state !== out) this.#states.set(key, out);
  }

  revived(key: number): void {
    if (key < this.#tried && this.#states.get(key) === out) this.#try(key, this.#now());
  }

  /** Facts of a key are others now; whether it has left. */
  factsChanged(key: number, before: Contribution, after: Contribution): boolean {
    const state = this.#states.get(key);
    if (state === out) return false;
    const now = this.#judge(key, this.#now());
    if (state === passed && now === passed) this.#facts?.move(key, before, after);
    if (state === now) return false;
    if (state === passed) this.#facts?.move(key, before, nothing);
    this.#become(key, state, now);
    if (now === passed) this.#facts?.move(key, nothing, after);
    return state === passed;
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
    return this.#states.bytes + this.#counts.bytes + (this.#facts?.bytes ?? 0);
  }

  #sweepUntil(deadline: number, left: (key: number) => void): boolean {
    const sweep = this.#sweep;
    if (!this.sweeping) return false;
    const begun = performance.now();
    const { changes } = this;
    const now = this.#now();
    do {
      const end = Math.min(sweep.until, sweep.next + batch);
      for (; sweep.next < end; sweep.next += 1) if (this.#rejudge(sweep.next, now)) left(sweep.next);
    } while (sweep.next < sweep.until && performance.now() < deadline);
    sweep.endedAt = performance.now();
    sweep.took += sweep.endedAt - begun;
    return this.changes > changes;
  }

  /** Judges a key anew, nothing but time having changed; whether it has left. */
  #rejudge(key: number, now: number): boolean {
    const state = this.#states.get(key);
    if (state === out) return false;
    const next = this.#judge(key, now);
    if (next === state) return false;
    if (state === passed) this.#facts?.remove(key);
    this.#become(key, state, next);
    if (next === passed) this.#facts?.add(key);
    return state === passed;
  }

  #judge(key: number, now: number): number {
    const judged = this.#test === null ? holds : this.#test.judge(key, now);
    return judged === holds ? passed : judged === undecided ? open : judged === fails ? refused : out;
  }

  #try(key: number, now: number): void {
    const { store } = this.#tree;
    if (this.#glob !== null) {
      const position = store.positionOf(key);
      const from = store.arena.offsetOf(position);
      if (!this.#glob.matches(store.arena.chunkOf(position), from, from + store.lengthOf(key))) return;
    }
    const state = this.#judge(key, now);
    this.#become(key, out, state);
    if (state === passed) this.#facts?.add(key);
  }

  #become(key: number, before: number, after: number): void {
    this.#states.reserve(key);
    this.#states.set(key, after);
    if (before === open) this.#open -= 1;
    if (after === open) this.#open += 1;
    if (before === passed) this.#count(key, -1);
    if (after === passed) this.#count(key, 1);
  }

  #count(key: number, amount: 1 | -1): void {
    this.changes += 1;
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
