import { CloseButton, SegmentedControl, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useRef, useState, type ReactNode, type Ref } from 'react';
import { wireKey } from '../../../../shared/bytes.ts';
import type { Problem } from '../../../../shared/contract/errors.ts';
import { useHost } from '../../../lib/host.ts';
import { wireLabel } from '../../../lib/wire-text.ts';
import { FilterInput } from '../../../ui/filter-input.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { Spring, Toolbar } from '../../../ui/toolbar.tsx';
import { useKeysPlace } from '../keys-context.ts';
import type { CollectionType } from './collection/element-commands.ts';
import { ElementMenu, type ElementMenuAt } from './collection/element-menu.tsx';
import { ExportMenu } from './collection/export-menu.tsx';
import { columns, itemsOf, titleOf, ttlColumn, units, type Item } from './collection/items.tsx';
import { ZsetRangeBar, type RankRange } from './collection/zset-range-bar.tsx';
import { AddElement } from './edit/add-element.tsx';
import { useElements } from './edit/use-element.ts';
import { ElementDrawer, type OpenElement } from './element-drawer.tsx';
import { useIndexPages } from './use-index-pages.ts';
import { useValuePages, type Pages } from './use-value-pages.ts';
import type { ValueProps } from './value-body.tsx';
import { ValueTable, type ValueTableHandle } from './value-table.tsx';
import { WithDrawer } from './with-drawer.tsx';
import classes from './value.module.css';

const perPage = 200;

type CollectionProps = ValueProps & { type: CollectionType };

/** Hash and set: by the server's cursor. */
function useScanned({ facts, round, onGone, type }: CollectionProps, match: string): Pages<Item> & { fieldTtls: boolean } {
  const { client } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const { name } = facts;
  const [fieldTtls, setFieldTtls] = useState(false);
  const pages = useValuePages<Item>(
    {
      fetch: (cursor, signal) => client.values.page({ workspaceId, db, name, type, cursor, count: perPage, match }, { signal }),
      read: (page) => {
        const items = itemsOf(page);
        if (items.some(({ ttlMs }) => ttlMs !== null)) setFieldTtls(true);
        return items;
      },
      identity: (item) => `${wireKey(item.id.data)} ${item.id.bytes}`,
      onGone,
      filtered: match !== '',
    },
    [client, workspaceId, db, name, type, match, round],
  );
  return { ...pages, fieldTtls };
}

/** List and sorted set: by index or rank, all rows at once. */
function usePlaced({ facts, round, onGone, type }: CollectionProps, reverse: boolean, range: RankRange | null): Pages<Item> {
  const { client } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const { name } = facts;
  const length = facts.length ?? 0;
  // Ranks of a range are counted from the lowest; the other order begins at its other end.
  const base = range === null ? 0 : reverse ? Math.max(0, length - range.from - range.count) : range.from;
  return useIndexPages<Item>(
    async (from, count, signal) => {
      const page = await client.values.page({ workspaceId, db, name, type, count, from, reverse }, { signal });
      return { items: itemsOf(page), total: 'total' in page ? page.total : 0 };
    },
    { length, base, count: range?.count ?? null, round, onGone },
    [client, workspaceId, db, name, type, reverse, range],
  );
}

/** Hash, list, set and sorted set, page by page. */
export function CollectionValue(props: CollectionProps) {
  return props.type === 'hash' || props.type === 'set' ? <Scanned {...props} /> : <Placed {...props} />;
}

function Scanned(props: CollectionProps) {
  const { type } = props;
  const [match, setMatch] = useState('');
  const [settled] = useDebouncedValue(match, 250);
  const pages = useScanned(props, settled);
  const shown = useNotices();
  const [first, ...rest] = columns[type];
  return (
    <Elements {...props} pages={pages} filtered={settled !== ''} table={pages.fieldTtls ? 'hash-ttl' : type} columns={pages.fieldTtls && first ? [first, ttlColumn, ...rest] : columns[type]} shown={shown}>
      <Toolbar label={`Filter ${units[type]}s`}>
        <FilterInput slash={false} mono label={`Filter ${units[type]}s by glob`} placeholder="Glob, such as *name*" width={260} value={match} onChange={setMatch} />
        <Spring />
        <AddElement name={props.facts.name} type={type} unit={units[type]} />
        <ExportMenu name={props.facts.name} type={type} onProblem={shown.setProblem} onNotice={shown.setNotice} />
      </Toolbar>
    </Elements>
  );
}

function Placed(props: CollectionProps) {
  const { type, facts } = props;
  const [match, setMatch] = useState('');
  const [settled] = useDebouncedValue(match, 250);
  const [reverse, setReverse] = useState(false);
  const [range, setRange] = useState<RankRange | null>(null);
  const table = useRef<ValueTableHandle>(null);
  const shown = useNotices();
  const placed = usePlaced(props, reverse, range);
  const goTo = (place: number) => table.current?.goTo(reverse && type === 'zset' ? placed.count - 1 - place : place);
  return (
    <>
      {type === 'list' ? (
        <Toolbar label="List">
          <GoToIndex length={placed.count} onGo={goTo} />
          <Spring />
          <AddElement name={facts.name} type={type} unit={units[type]} />
          <ExportMenu name={facts.name} type={type} onProblem={shown.setProblem} onNotice={shown.setNotice} />
        </Toolbar>
      ) : (
        <>
          <Toolbar label="Filter members">
            <FilterInput slash={false} mono label="Filter members by glob" placeholder="Glob, such as *name*" width={260} value={match} onChange={setMatch} />
            <Spring />
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
            <AddElement name={facts.name} type={type} unit={units[type]} />
            <ExportMenu name={facts.name} type={type} onProblem={shown.setProblem} onNotice={shown.setNotice} />
          </Toolbar>
          {settled === '' && <ZsetRangeBar name={facts.name} range={range} onRange={setRange} onRank={goTo} onProblem={shown.setProblem} />}
        </>
      )}
      {settled === '' ? (
        <Elements {...props} pages={placed} filtered={false} ranged={range !== null} table={type} columns={columns[type]} shown={shown} tableRef={table} />
      ) : (
        <Filtered {...props} match={settled} shown={shown} />
      )}
    </>
  );
}

/** The members of a sorted set that match, as the scan finds them. */
function Filtered({ match, shown, ...props }: CollectionProps & { match: string; shown: Notices }) {
  const pages = useScanned(props, match);
  return <Elements {...props} pages={pages} filtered table={props.type} columns={columns[props.type]} shown={shown} />;
}

interface Notices {
  problem: Problem | null;
  notice: string;
  setProblem: (problem: Problem | null) => void;
  setNotice: (notice: string) => void;
}

function useNotices(): Notices {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [notice, setNotice] = useState('');
  return { problem, notice, setProblem, setNotice };
}

interface ElementsProps extends CollectionProps {
  pages: Pages<Item>;
  filtered: boolean;
  ranged?: boolean;
  /** Under this name the widths of the columns are remembered. */
  table: string;
  columns: (typeof columns)[CollectionType];
  shown: Notices;
  tableRef?: Ref<ValueTableHandle>;
  children?: ReactNode;
}

/** The rows with the drawer of the open one and the menu of the one under the pointer. */
function Elements({ facts, round, type, pages, filtered, ranged = false, table, columns: shownColumns, shown, tableRef, children }: ElementsProps) {
  const [opened, setOpened] = useState<OpenElement | null>(null);
  const [menu, setMenu] = useState<ElementMenuAt | null>(null);
  const { name } = facts;
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
      {children}
      {shown.problem && <ProblemView problem={shown.problem} onRetry={() => shown.setProblem(null)} retryLabel="Dismiss" />}
      {shown.notice !== '' && (
        <div className={classes['noticeLine']} role="status">
          <span>{shown.notice}</span>
          <CloseButton size={18} aria-label="Dismiss" onClick={() => shown.setNotice('')} />
        </div>
      )}
      <ValueTable
        ref={tableRef ?? null}
        name={table}
        label={`${units[type]}s`}
        unit={units[type]}
        columns={shownColumns}
        pages={pages}
        filtered={filtered}
        ranged={ranged}
        onOpen={open}
        onRowKey={onRowKey}
        onMenu={(item, x, y) => setMenu({ item, x, y })}
        describe={(item) => `${titleOf(item, type)}: ${wireLabel(item.value.data, 80)}`}
      />
      <ElementMenu menu={menu} name={name} type={type} onClose={() => setMenu(null)} onProblem={shown.setProblem} />
    </WithDrawer>
  );
}

function GoToIndex({ length, onGo }: { length: number; onGo: (index: number) => void }) {
  const [text, setText] = useState('');
  const plain = text.replaceAll(/[,_\s]/g, '');
  const index = /^-?\d{1,15}$/.test(plain) ? Number(plain) : null;
  // As in Redis, -1 is the last.
  const place = index === null ? null : index < 0 ? length + index : index;
  const valid = place !== null && place >= 0 && place < length;
  return (
    <TextInput
      w={150}
      aria-label="Go to index"
      placeholder="Index; -1 is the last"
      classNames={{ input: 'la-mono' }}
      value={text}
      error={plain !== '' && !valid}
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && valid && place !== null) onGo(place);
      }}
    />
  );
}
