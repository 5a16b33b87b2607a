import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { PrefixTree } from './prefix-tree.ts';
import { sliceMs, yieldTurn } from './sliced-work.ts';
import type { SortedChildren } from './sorted-children.ts';
import { View, type ViewFacts, type ViewOptions, type ViewTotals } from './view.ts';

/** Time that opening a filtered view waits for the filter, ms. What is left is tried afterwards. */
const filterWaitMs = 250;

/** The views on one index. `versionNow` is the version of its rows, `changed` says that a view moved. */
export class OpenViews {
  /** To be walked, for what each of them has to learn. */
  readonly byId = new Map<string, View>();
  readonly #facts: ViewFacts;
  readonly #versionNow: () => number;
  readonly #changed: () => void;
  #closed = false;

  constructor(facts: ViewFacts, versionNow: () => number, changed: () => void) {
    this.#facts = facts;
    this.#versionNow = versionNow;
    this.#changed = changed;
  }

  get bytes(): number {
    let bytes = 0;
    for (const view of this.byId.values()) bytes += view.bytes;
    return bytes;
  }

  get busy(): boolean {
    for (const view of this.byId.values()) if (view.busy) return true;
    return false;
  }

  /** When views have something to do because time has gone by: rows that depend on it, orders that are made anew. */
  get dueAt(): number {
    let due = Infinity;
    for (const view of this.byId.values()) due = Math.min(due, view.dueAt ?? Infinity);
    return due;
  }

  /** The view, up to date with the index; throws NOT_FOUND. */
  get(id: string): View {
    const view = this.byId.get(id);
    if (view === undefined) {
      throw new LookasideError('NOT_FOUND', 'This view of the keys is closed', { hint: 'Open the keys again.' });
    }
    view.sync(this.#versionNow());
    return view;
  }

  async open(id: string, tree: PrefixTree, sorted: SortedChildren, options: ViewOptions): Promise<ViewTotals> {
    this.byId.set(id, new View(tree, sorted, options, this.#facts));
    const until = performance.now() + filterWaitMs;
    const ready = () => (this.byId.get(id)?.upToDate ?? true) && (this.byId.get(id)?.inOrder ?? true);
    while (!this.#closed && performance.now() < until && !ready()) {
      this.get(id);
      this.byId.get(id)?.advance(performance.now() + sliceMs);
      await yieldTurn();
    }
    this.#changed();
    return this.get(id).totals();
  }

  /** The view when its filter has tried every key that is held now, and a list is in order. */
  async complete(id: string): Promise<View> {
    const { contents } = this.#facts;
    while (!this.get(id).upToDate || (!this.get(id).inOrder && contents === this.#facts.contents)) {
      this.get(id).advance(performance.now() + sliceMs);
      await yieldTurn();
    }
    this.#changed();
    return this.get(id);
  }

  /** The view when its filter has tried every key that is held now. */
  async judged(id: string): Promise<View> {
    while (!this.get(id).upToDate) {
      this.get(id).advance(performance.now() + sliceMs);
      await yieldTurn();
    }
    return this.get(id);
  }

  /** Every view as it was, on another tree. */
  use(tree: PrefixTree, sorted: SortedChildren): void {
    for (const [id, view] of this.byId) {
      view.sync(this.#versionNow());
      this.byId.set(id, new View(tree, sorted, { ...view.options, expanded: view.expanded() }, this.#facts));
    }
  }

  /** One slice; whether rows changed. */
  advance(deadline: number): boolean {
    let changed = false;
    for (const view of this.byId.values()) {
      view.wake();
      // a walk over its rows goes on from what is there now
      view.sync(this.#versionNow());
      changed = view.advance(deadline) || changed;
    }
    return changed;
  }

  close(): void {
    this.#closed = true;
    this.byId.clear();
  }
}
