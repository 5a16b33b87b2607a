import { SegmentedControl } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { wireKey } from '../../../../shared/bytes.ts';
import type { Cut, ValuePage } from '../../../../shared/contract/values.ts';
import { formatDuration, formatExact } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { wireLabel } from '../../../lib/wire-text.ts';
import { FilterInput } from '../../../ui/filter-input.tsx';
import { Spring, Toolbar } from '../../../ui/toolbar.tsx';
import { useKeysPlace } from '../keys-context.ts';
import { CutText } from './cut-text.tsx';
import { ElementDrawer, type OpenElement } from './element-drawer.tsx';
import { AddElement } from './edit/add-element.tsx';
import { useElements } from './edit/use-element.ts';
import { useValuePages } from './use-value-pages.ts';
import type { ValueProps } from './value-body.tsx';
import { ValueTable, type Column } from './value-table.tsx';
import { WithDrawer } from './with-drawer.tsx';

type CollectionType = 'hash' | 'list' | 'set' | 'zset';

/** One row, whatever the type. */
interface Item {
  /** For the element call and for telling repeated ones. */
  readonly id: Cut;
  readonly place: number | null;
  readonly field: Cut | null;
  readonly score: string | null;
  readonly ttlMs: number | null;
  readonly value: Cut;
}

const perPage = 200;
const units: Record<CollectionType, string> = { hash: 'field', list: 'element', set: 'member', zset: 'member' };

function indexCut(index: number): Cut {
  return { data: String(index), bytes: 0, truncated: false };
}

function itemsOf(page: ValuePage): Item[] {
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

const columns: Record<CollectionType, readonly Column<Item>[]> = {
  hash: [{ id: 'field', title: 'Field', width: 200, cell: (item) => item.field && <CutText cut={item.field} /> }, valueColumn('Value')],
  list: [placeColumn('Index'), valueColumn('Value')],
  set: [valueColumn('Member')],
  zset: [
    placeColumn('Rank'),
    { id: 'score', title: 'Score', width: 178, number: true, cell: (item) => <span className="la-mono la-number">{item.score}</span> },
    valueColumn('Member'),
  ],
};

function valueColumn(title: string): Column<Item> {
  return { id: 'value', title, width: 300, cell: (item) => <CutText cut={item.value} /> };
}

function placeColumn(title: string): Column<Item> {
  return { id: 'place', title, width: 80, number: true, cell: (item) => <span className="la-number">{item.place === null ? '' : formatExact(item.place)}</span> };
}

const ttlColumn: Column<Item> = {
  id: 'ttl',
  title: 'Field TTL',
  width: 96,
  number: true,
  cell: (item) => <span className="la-number">{item.ttlMs === null ? '–' : formatDuration(item.ttlMs)}</span>,
};

/** Hash, list, set and sorted set, page by page. */
export function CollectionValue({ facts, round, onGone, type }: ValueProps & { type: CollectionType }) {
  const { client } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const [match, setMatch] = useState('');
  const [settled] = useDebouncedValue(match, 250);
  const [reverse, setReverse] = useState(false);
  const [opened, setOpened] = useState<OpenElement | null>(null);
  const { name } = facts;
  const pages = useValuePages<Item>(
    {
      fetch: (cursor, signal) => client.values.page({ workspaceId, db, name, type, cursor, count: perPage, match: settled, reverse }, { signal }),
      read: itemsOf,
      identity: type === 'list' ? null : (item) => `${wireKey(item.id.data)} ${item.id.bytes}`,
      onGone,
    },
    [client, workspaceId, db, name, type, settled, reverse, round],
  );
  const fieldTtls = type === 'hash' && pages.items.some((item) => item.ttlMs !== null);
  const [first, ...rest] = columns[type];
  const shown = fieldTtls && first ? [first, ttlColumn, ...rest] : columns[type];

  const elements = useElements();
  const rowOf = (item: Item) => ({ name, type, id: item.id.data, idBytes: item.id.truncated ? item.id.bytes : null, score: item.score });
  const open = (item: Item) => setOpened({ ...rowOf(item), title: titleOf(item, type), value: item.value, hasTtl: item.ttlMs !== null });
  const onRowKey = (key: 'F2' | 'Delete', item: Item) => {
    if (key === 'Delete') void elements.remove(rowOf(item), item.value).then((gone) => gone && setOpened(null));
    else {
      open(item);
      void elements.begin(rowOf(item), item.value);
    }
  };

  return (
    <WithDrawer
      name="keys.element"
      onClose={() => setOpened(null)}
      drawer={opened && <ElementDrawer key={`${wireKey(opened.id)} ${round}`} element={opened} onClose={() => setOpened(null)} />}
    >
      <Toolbar label={type === 'list' ? 'Elements' : `Filter ${units[type]}s`}>
        {type !== 'list' && <FilterInput slash={false} mono label={`Filter ${units[type]}s by glob`} placeholder="Glob, such as *name*" width={260} value={match} onChange={setMatch} />}
        <Spring />
        {type === 'zset' && (
            <SegmentedControl
              size="xs"
              aria-label="Order"
              value={reverse ? 'high' : 'low'}
              onChange={(value) => setReverse(value === 'high')}
              data={[
                { value: 'low', label: 'Lowest first' },
                { value: 'high', label: 'Highest first' },
              ]}
            />
          )}
        <AddElement name={name} type={type} unit={units[type]} />
      </Toolbar>
      <ValueTable
        name={fieldTtls ? 'hash-ttl' : type}
        label={`${units[type]}s`}
        unit={units[type]}
        columns={shown}
        pages={pages}
        filtered={settled !== ''}
        onOpen={open}
        onRowKey={onRowKey}
        describe={(item) => `${titleOf(item, type)}: ${wireLabel(item.value.data, 80)}`}
      />
    </WithDrawer>
  );
}

function titleOf(item: Item, type: CollectionType): string {
  if (item.field) return `Field ${wireLabel(item.field.data, 80)}`;
  if (type === 'list') return `Element ${item.place === null ? '' : formatExact(item.place)}`;
  return item.score === null ? 'Member' : `Member with score ${item.score}`;
}
