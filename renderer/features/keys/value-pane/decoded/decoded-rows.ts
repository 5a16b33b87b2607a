import type { DecodedValue, TreeRow } from '../../../../../shared/contract/decode.ts';

type TreeAnswer = Extract<DecodedValue['view'], { kind: 'tree' }>;

/** A row as drawn; `row` is `null` until its page has come. */
export interface Slot {
  readonly row: TreeRow | null;
  /** Id of the row that it is below; `null` at the root. */
  readonly parent: number | null;
  readonly index: number;
  readonly depth: number;
  readonly parentAt: number;
}

/** Rows by the row that they are below; those that have not come are missing. */
export type RowsByParent = ReadonlyMap<number, readonly (TreeRow | undefined)[]>;

/** What the first answer brought: the rows, and which of them are open. */
export function firstRows({ root, rows }: TreeAnswer): { known: RowsByParent; open: Set<number> } {
  const children = new Map<number, number>([[root.id, root.children]]);
  for (const { rows: below } of rows) for (const row of below) children.set(row.id, row.children);
  const known = new Map<number, readonly (TreeRow | undefined)[]>();
  for (const { parent, rows: below } of rows) known.set(parent, withRows(emptyRows(children.get(parent) ?? below.length), 0, below));
  return { known, open: new Set(known.keys()) };
}

function emptyRows(count: number): (TreeRow | undefined)[] {
  return Array.from({ length: count }, () => undefined);
}

function withRows(before: readonly (TreeRow | undefined)[], from: number, rows: readonly TreeRow[]): (TreeRow | undefined)[] {
  const next = [...before];
  for (const [at, row] of rows.entries()) next[from + at] = row;
  return next;
}

/** The rows with a page put in. */
export function addRows(known: RowsByParent, parent: number, children: number, from: number, rows: readonly TreeRow[]): RowsByParent {
  const next = new Map(known);
  next.set(parent, withRows(known.get(parent) ?? emptyRows(children), from, rows));
  return next;
}

/** All lines from top to bottom, given what is open. */
export function slotsOf(root: TreeRow, known: RowsByParent, open: ReadonlySet<number>): Slot[] {
  const slots: Slot[] = [];
  const waiting: Slot[] = [{ row: root, parent: null, index: 0, depth: 0, parentAt: -1 }];
  for (let slot = waiting.pop(); slot !== undefined; slot = waiting.pop()) {
    const at = slots.length;
    slots.push(slot);
    const { row } = slot;
    if (row === null || row.children === 0 || !open.has(row.id)) continue;
    const below = known.get(row.id);
    for (let index = row.children - 1; index >= 0; index -= 1) {
      waiting.push({ row: below?.[index] ?? null, parent: row.id, index, depth: slot.depth + 1, parentAt: at });
    }
  }
  return slots;
}

export interface RowPage {
  readonly parent: number;
  readonly from: number;
  readonly count: number;
}

const perPage = 200;

/** Pages to ask for, so that the lines from `from` to `to` are known. */
export function missingPages(slots: readonly Slot[], from: number, to: number): RowPage[] {
  const pages = new Map<string, RowPage>();
  for (const { row, parent, index } of slots.slice(from, to)) {
    if (row !== null || parent === null) continue;
    const page = { parent, from: Math.floor(index / perPage) * perPage, count: perPage };
    pages.set(`${parent} ${page.from}`, page);
  }
  return [...pages.values()];
}

/** Path of a line: the steps of all that it is below. */
export function pathOf(slots: readonly Slot[], at: number): string {
  const steps: string[] = [];
  for (let slot = slots[at]; slot !== undefined; slot = slots[slot.parentAt]) steps.unshift(slot.row?.step ?? `[${slot.index}]`);
  return steps.join('');
}
