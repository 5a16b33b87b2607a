import type { FactsState, ViewSort } from '../../../../shared/contract/key-facts.ts';
import type { KeyFactField } from '../../../../shared/contract/key-filter.ts';
import type { ViewMode } from '../use-key-view.ts';

/** From left to right, after the name. */
export const keyColumns = ['type', 'ttl', 'bytes', 'elements', 'recency', 'encoding', 'keys'] as const;
export type KeyColumn = (typeof keyColumns)[number];

export const columnWidths: Record<KeyColumn, number> = { type: 88, ttl: 122, bytes: 80, elements: 72, recency: 80, encoding: 84, keys: 92 };
/** Without folders a TTL is a time and no bar. */
export const listWidths: Partial<Record<KeyColumn, number>> = { ttl: 96 };
export const narrowest = 48;
export const widest = 320;

/** Which one stays when there is not room for all. */
const importance: readonly KeyColumn[] = ['keys', 'ttl', 'bytes', 'type', 'elements', 'recency', 'encoding'];
/** px that the name keeps; whole names in the list, the last segment in the tree. */
const nameRoom: Record<ViewMode, number> = { tree: 150, list: 190 };

/** Facts that fill a column; type and TTL of the keys in view are read in any case. */
export const columnFields: Record<KeyColumn, KeyFactField | null> = {
  type: 'type',
  ttl: 'ttl',
  bytes: 'bytes',
  elements: 'elements',
  recency: 'recency',
  encoding: 'encoding',
  keys: null,
};

export function columnLabel(column: KeyColumn, recency: FactsState['recency'], mode: ViewMode): string {
  const labels: Record<KeyColumn, string> = {
    type: mode === 'tree' ? 'Types' : 'Type',
    ttl: 'TTL',
    bytes: 'Size',
    elements: 'Elements',
    recency: recency === 'frequency' ? 'Frequency' : 'Idle',
    encoding: 'Encoding',
    keys: 'Keys',
  };
  return labels[column];
}

/** The order that a click on the header asks for; `null` when nothing sorts by it. */
export function columnSort(column: KeyColumn | 'name', recency: FactsState['recency']): ViewSort['by'] | null {
  if (column === 'recency') return recency ?? 'idle';
  return column === 'encoding' || column === 'keys' ? null : column;
}

/** The facts that an order needs; none for the name. */
export function sortFields(sort: ViewSort | null): KeyFactField[] {
  if (sort === null || sort.by === 'name') return [];
  return [sort.by === 'idle' || sort.by === 'frequency' ? 'recency' : sort.by];
}

/** A second click turns the order round; sizes and times begin with the most, names and types with A. */
export function nextSort(before: ViewSort | null, by: ViewSort['by']): ViewSort {
  const present = before ?? { by: 'name', descending: false };
  if (present.by === by) return { by, descending: !present.descending };
  return { by, descending: by !== 'name' && by !== 'type' };
}

/** Columns of a mode that are not hidden and have something to show. */
export function wantedColumns(mode: ViewMode, hidden: readonly KeyColumn[], facts: Pick<FactsState, 'fields'> | null): KeyColumn[] {
  return keyColumns.filter((column) => {
    if (hidden.includes(column) || (column === 'keys' && mode !== 'tree')) return false;
    const field = columnFields[column];
    return field === null || column === 'type' || column === 'ttl' || (facts?.fields.includes(field) ?? false);
  });
}

/** Leaves out the least important columns until name and columns fit into `room` px. */
export function fitColumns<T extends string>(wanted: readonly T[], widths: Readonly<Record<T, number>>, room: number, order: readonly T[], name: number): T[] {
  let left = room - name;
  const fitting = new Set<T>();
  for (const column of order) {
    if (!wanted.includes(column) || widths[column] > left) continue;
    left -= widths[column];
    fitting.add(column);
  }
  return wanted.filter((column) => fitting.has(column));
}

export function fitKeyColumns(mode: ViewMode, wanted: readonly KeyColumn[], widths: Readonly<Record<KeyColumn, number>>, room: number): KeyColumn[] {
  return fitColumns(wanted, widths, room, importance, nameRoom[mode]);
}
