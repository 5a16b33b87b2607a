import { compareBytes, fromWire } from '../../../../../shared/bytes.ts';
import type { Cut, ValuePage } from '../../../../../shared/contract/values.ts';
import { formatDuration, formatExact } from '../../../../lib/format.ts';
import { wireLabel } from '../../../../lib/wire-text.ts';
import { CutText } from '../cut-text.tsx';
import type { Column } from '../value-table.tsx';
import type { CollectionType } from './element-commands.ts';

/** One row, whatever the type. */
export interface Item {
  /** For the element call and for telling repeated ones. */
  readonly id: Cut;
  readonly place: number | null;
  readonly field: Cut | null;
  readonly score: string | null;
  readonly ttlMs: number | null;
  readonly value: Cut;
}

export const units: Record<CollectionType, string> = { hash: 'field', list: 'element', set: 'member', zset: 'member' };

function indexCut(index: number): Cut {
  return { data: String(index), bytes: 0, truncated: false };
}

export function itemsOf(page: ValuePage): Item[] {
  const none = { place: null, field: null, score: null, ttlMs: null };
  switch (page.type) {
    case 'hash':
      return page.items.map(({ field, value, ttlMs }) => ({ ...none, id: field, field, value, ttlMs }));
    case 'list':
      return page.items.map(({ index, value }) => ({ ...none, id: indexCut(index), place: index, value }));
    case 'set':
      return page.items.map((member) => ({ ...none, id: member, value: member }));
    case 'zset':
      return page.items.map(({ rank, member, score }) => ({ ...none, id: member, place: rank, value: member, score }));
    case 'string':
    case 'stream':
    case 'other':
  }
  return [];
}

const byBytes = (of: (item: Item) => Cut | null) => (a: Item, b: Item) => {
  const [left, right] = [of(a), of(b)];
  return left === null || right === null ? 0 : compareBytes(fromWire(left.data), fromWire(right.data));
};

const valueColumn = (title: string, sorts: boolean): Column<Item> => ({
  id: 'value',
  title,
  width: 300,
  cell: (item) => <CutText cut={item.value} />,
  ...(sorts ? { compare: byBytes((item) => item.value) } : {}),
});

const placeColumn = (title: string): Column<Item> => ({
  id: 'place',
  title,
  width: 80,
  number: true,
  cell: (item) => <span className="la-number">{item.place === null ? '' : formatExact(item.place)}</span>,
});

export const columns: Record<CollectionType, readonly Column<Item>[]> = {
  hash: [{ id: 'field', title: 'Field', width: 200, cell: (item) => item.field && <CutText cut={item.field} />, compare: byBytes((item) => item.field) }, valueColumn('Value', true)],
  list: [placeColumn('Index'), valueColumn('Value', false)],
  set: [valueColumn('Member', true)],
  zset: [
    placeColumn('Rank'),
    { id: 'score', title: 'Score', width: 178, number: true, cell: (item) => <span className="la-mono la-number">{item.score}</span> },
    valueColumn('Member', false),
  ],
};

export const ttlColumn: Column<Item> = {
  id: 'ttl',
  title: 'Field TTL',
  width: 96,
  number: true,
  cell: (item) => <span className="la-number">{item.ttlMs === null ? '–' : formatDuration(item.ttlMs)}</span>,
  compare: (a, b) => (a.ttlMs ?? Number.MAX_SAFE_INTEGER) - (b.ttlMs ?? Number.MAX_SAFE_INTEGER),
};

export function titleOf(item: Item, type: CollectionType): string {
  if (item.field) return `Field ${wireLabel(item.field.data, 80)}`;
  if (type === 'list') return `Element ${item.place === null ? '' : formatExact(item.place)}`;
  return item.score === null ? 'Member' : `Member with score ${item.score}`;
}
