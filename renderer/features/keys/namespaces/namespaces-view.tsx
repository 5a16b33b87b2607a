import { Button, SegmentedControl, Select } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { IconFolder, IconFileExport, IconTemplate } from '@tabler/icons-react';
import { memo, useCallback, useMemo, useRef, useState, type CSSProperties, type KeyboardEvent } from 'react';
import type * as v from 'valibot';
import { wireKey } from '../../../../shared/bytes.ts';
import type { NamespaceRow, namespacePage, namespaceSorts } from '../../../../shared/contract/key-groups.ts';
import { downloadText } from '../../../lib/copy.ts';
import { formatCount, formatExact, formatShare, plural } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { useSetting } from '../../../lib/settings.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { wireLabel } from '../../../lib/wire-text.ts';
import { Count } from '../../../ui/count.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { IconButton } from '../../../ui/icon-button.tsx';
import { LoadingRows } from '../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { tellProblem } from '../../../ui/tell-problem.ts';
import { VirtualRows, type RowMove, type VirtualRowsHandle } from '../../../ui/virtual-rows.tsx';
import { WireText } from '../../../ui/wire-text-view.tsx';
import { ColumnHead } from '../columns/column-head.tsx';
import { fitColumns } from '../columns/columns.ts';
import { BytesPerKey, GroupBytes, TtlSplit, TypeMix } from '../facts/group-cells.tsx';
import { groupFilter } from '../group-filter.ts';
import { useKeysPlace } from '../keys-context.ts';
import { namespacesCsv } from './csv.ts';
import { GroupMenu, type GroupMenuAt } from './group-menu.tsx';
import type { GroupSurfaceProps } from './group-surface.tsx';
import { placeOfPicked, type Picked } from './picked.ts';
import { parentOf, PlacePath } from './place-path.tsx';
import { useDelayedOpen } from './use-delayed-open.ts';
import { usePaged, useSteadyVersion } from './use-paged.ts';
import columnClasses from '../columns/columns.module.css';
import classes from './namespaces.module.css';

type Sort = (typeof namespaceSorts)[number];
/** With the question: while another is under way the rows are those of the one before. */
type Page = v.InferOutput<typeof namespacePage> & { templates: boolean };
type Column = 'keys' | 'bytes' | 'ttl' | 'each' | 'types';

const widths: Record<Column, number> = { keys: 104, bytes: 84, ttl: 132, each: 84, types: 100 };
const order: readonly Column[] = ['keys', 'bytes', 'ttl', 'each', 'types'];
const heads: Record<Column, { label: string; sort: Sort | null; title: string }> = {
  keys: { label: 'Keys', sort: 'keys', title: 'Keys, and their share of all asked about' },
  bytes: { label: 'Size', sort: 'bytes', title: 'MEMORY USAGE of the keys together' },
  ttl: { label: 'Without TTL', sort: 'withoutTtl', title: 'Keys that never expire' },
  each: { label: 'Size a key', sort: 'bytesPerKey', title: 'Mean size of a key' },
  types: { label: 'Types', sort: null, title: 'The commonest type' },
};

function isOrder(value: unknown): value is { by: Sort; descending: boolean } {
  return typeof value === 'object' && value !== null && typeof (value as { by?: unknown }).by === 'string' && typeof (value as { descending?: unknown }).descending === 'boolean';
}

/** Rows written to a CSV file at most. */
const mostCsvRows = 100_000;

/** Every namespace at a depth, or every make of name, as a table to sort and to go down in. */
export function NamespacesView({ indexId, viewId, parent, onParent, delimiters, onOpen, onShowKeys, onSnapshot }: Omit<GroupSurfaceProps, 'surface'> & { indexId: string }) {
  const { client } = useHost();
  const { index } = useKeysPlace();
  const [templates, setTemplates] = useSetting('keys.namespaces.templates', false);
  const [depth, setDepth] = useSetting('keys.namespaces.depth', 1);
  const [sort, setSort] = useSetting<{ by: Sort; descending: boolean }>('keys.namespaces.sort', { by: 'keys', descending: true }, isOrder);
  const [picked, setPicked] = useState<Picked | null>(null);
  const [exporting, setExporting] = useState(false);
  const [menu, setMenu] = useState<GroupMenuAt | null>(null);
  const rows = useRef<VirtualRowsHandle>(null);
  const { ref, width } = useElementSize<HTMLDivElement>();
  const open = useDelayedOpen(onOpen);
  const busy = useRef<() => boolean>(() => false);
  const version = useSteadyVersion(index, busy);
  const levels = templates ? 16 : depth;
  const ask = useCallback(
    async (from: number, count: number): Promise<Page> => ({
      ...(await client.keys.namespaces({ indexId, viewId, parent: templates ? null : parent, depth: levels, templates, sort: sort.by, descending: sort.descending, from, count })),
      templates,
    }),
    [client, indexId, viewId, parent, levels, templates, sort],
  );
  const { state, show, refresh, asking } = usePaged<NamespaceRow, Page>(ask, [ask], version);
  busy.current = asking;
  const { page } = state;
  const ofTemplates = page?.templates ?? templates;
  const active = placeOfPicked(picked, state.total, (at) => state.rows.get(at)?.name ?? null);
  const shown = useMemo(() => fitColumns(order, widths, width - 36, order, 130), [width]);

  const goTo = (place: typeof parent) => {
    setPicked(null);
    onParent(place);
  };
  const drill = (row: NamespaceRow) => {
    if (ofTemplates) onShowKeys(groupFilter({ kind: 'template', template: row.name }));
    else if (row.folders > 0) goTo(row.name);
    else onShowKeys(groupFilter({ kind: 'folder', prefix: row.name }));
  };
  const groupOf = (row: NamespaceRow) => (ofTemplates ? ({ kind: 'template', template: row.name } as const) : ({ kind: 'folder', prefix: row.name } as const));
  const pick = (at: number, by: RowMove['by']) => {
    const row = state.rows.get(at);
    setPicked({ at, key: row === undefined ? null : wireKey(row.name) });
    if (row) open(groupOf(row), by);
  };
  const onKey = (event: KeyboardEvent<HTMLDivElement>) => {
    const row = state.rows.get(active);
    if ((event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) && row) {
      const box = (event.currentTarget.querySelector('[data-active]') ?? event.currentTarget).getBoundingClientRect();
      setMenu({ group: groupOf(row), folders: row.folders, x: box.left + 24, y: box.bottom });
      return true;
    }
    if (event.key === 'Backspace' || event.key === 'ArrowLeft') {
      if (parent !== null && !templates) goTo(parentOf(parent, delimiters));
      return true;
    }
    if (event.key === 'ArrowRight' && row && !ofTemplates && row.folders > 0) {
      goTo(row.name);
      return true;
    }
    return false;
  };
  const exportCsv = async () => {
    setExporting(true);
    try {
      const rows: NamespaceRow[] = [];
      for (let total = 1; rows.length < Math.min(total, mostCsvRows); ) {
        const next = await ask(rows.length, 500);
        total = next.rows.length === 0 ? 0 : next.total;
        rows.push(...next.rows);
      }
      downloadText('namespaces.csv', namespacesCsv(rows), 'text/csv;charset=utf-8');
    } catch (error) {
      tellProblem(error);
    } finally {
      setExporting(false);
    }
  };
  const by = (wanted: Sort | null) => ({
    sorted: wanted !== sort.by ? null : sort.descending ? ('descending' as const) : ('ascending' as const),
    onSort: wanted === null ? undefined : () => setSort({ by: wanted, descending: sort.by === wanted ? !sort.descending : wanted !== 'name' }),
  });

  return (
    <div ref={ref} className={classes['view']}>
      <div className={classes['bar']} role="group" aria-label="Namespaces shown">
        <SegmentedControl
          size="xs"
          aria-label="Group by"
          value={templates ? 'templates' : 'prefixes'}
          onChange={(value) => setTemplates(value === 'templates')}
          data={[
            { value: 'prefixes', label: 'Prefixes' },
            { value: 'templates', label: 'Templates' },
          ]}
        />
        {!templates && (
          <Select
            aria-label="Depth"
            w={92}
            value={String(depth)}
            data={Array.from({ length: 8 }, (_, at) => ({ value: String(at + 1), label: plural(at + 1, 'level') }))}
            allowDeselect={false}
            onChange={(value) => setDepth(Number(value ?? 1))}
          />
        )}
        <span className={classes['spring']} />
        <IconButton label="Export this table as CSV" icon={<IconFileExport size={15} />} disabled={exporting || state.total === 0} onClick={() => void exportCsv()} />
      </div>
      {!templates && <PlacePath parent={parent} onParent={goTo} delimiters={delimiters} />}
      <div className={columnClasses['headRow']} role="group" aria-label="Columns">
        <ColumnHead label={templates ? 'Template' : 'Namespace'} {...by('name')} />
        {shown.map((column) => (
          <ColumnHead key={column} label={heads[column].label} title={heads[column].title} width={`${widths[column]}px`} align={column === 'ttl' || column === 'types' ? 'left' : 'right'} {...by(heads[column].sort)} />
        ))}
      </div>
      {state.failure !== null && <ProblemView problem={toProblem(state.failure)} onRetry={refresh} />}
      {page === null && state.failure === null && <LoadingRows rows={12} label="Counting namespaces" />}
      {page !== null && page.total === 0 && (
        <EmptyState
          icon={<IconFolder size={28} stroke={1.5} />}
          title={page.whole.keys === 0 ? 'No keys' : 'No namespaces here'}
          actions={
            page.outside > 0 && parent !== null ? (
              <Button variant="default" onClick={() => onShowKeys(groupFilter({ kind: 'folder', prefix: parent }))}>
                Show the {plural(page.outside, 'key')} here
              </Button>
            ) : undefined
          }
        >
          {page.outside > 0 ? `${plural(page.outside, 'key')} lie directly here, none in a namespace below. A smaller depth or another delimiter shows more.` : 'Keys appear here when the scan finds them, or when the filter lets them through.'}
        </EmptyState>
      )}
      {page !== null && page.total > 0 && (
        <VirtualRows
          ref={rows}
          label="Namespaces"
          role="grid"
          count={state.total}
          overscan={4}
          active={active}
          onMove={(at, { by }) => pick(at, by)}
          onRowContextMenu={(at, event) => {
            event.preventDefault();
            const row = state.rows.get(at);
            if (!row) return;
            pick(at, 'pointer');
            setMenu({ group: groupOf(row), folders: row.folders, x: event.clientX, y: event.clientY });
          }}
          onActivate={(at) => {
            const row = state.rows.get(at);
            if (row) drill(row);
          }}
          onKey={onKey}
          onRange={show}
          rowAria={(at) => ariaOf(state.rows.get(at), page.exactness)}
          renderRow={(at) => {
            const row = state.rows.get(at);
            return row === undefined ? <span className={classes['waiting']} aria-hidden /> : <NamespaceCells row={row} columns={shown} exactness={page.exactness} template={ofTemplates} />;
          }}
        />
      )}
      <GroupMenu
        menu={menu}
        filtered={viewId !== null}
        onClose={() => {
          setMenu(null);
          rows.current?.focus();
        }}
        onInto={({ group }) => group.kind === 'folder' && goTo(group.prefix)}
        onShowKeys={onShowKeys}
        onSnapshot={onSnapshot}
      />
      {page !== null && (
        <div className={`${classes['foot']} la-number`} role="status">
          {plural(page.total, ofTemplates ? 'template' : 'namespace')}
          {' · '}
          <Count value={page.whole.keys} exactness={page.exactness} unit="keys" />
          {page.outside > 0 && ` · ${formatExact(page.outside)} above this depth`}
          {page.whole.bytes !== null && ' · '}
          {page.whole.bytes !== null && <GroupBytes estimate={page.whole.bytes} />}
        </div>
      )}
    </div>
  );
}

function ariaOf(row: NamespaceRow | undefined, exactness: Page['exactness']) {
  return { 'aria-label': row === undefined ? 'Loading' : `${wireLabel(row.name, 160)}, ${formatCount(row.keys, exactness)} ${row.keys === 1 ? 'key' : 'keys'}, ${formatShare(row.share)}` };
}

interface CellsProps {
  row: NamespaceRow;
  columns: readonly Column[];
  exactness: Page['exactness'];
  template: boolean;
}

/** A new row object comes only with new rows, so a row that stays is not drawn again. */
const NamespaceCells = memo(function NamespaceCells({ row, columns, exactness, template }: CellsProps) {
  const cell = (column: Column, style: CSSProperties = {}) => ({ role: 'gridcell', className: columnClasses['cell'], 'data-align': column === 'ttl' || column === 'types' ? 'left' : 'right', style: { width: widths[column], ...style } });
  return (
    <div role="presentation" className={classes['cells']}>
      <span role="gridcell" className={classes['name']}>
        {template ? <IconTemplate size={14} className={classes['icon'] ?? ''} aria-hidden /> : <IconFolder size={14} className={classes['icon'] ?? ''} aria-hidden />}
        <span className="la-cut">
          <WireText value={row.name} limit={160} empty="(empty name)" />
        </span>
      </span>
      {columns.map((column) => (
        <span key={column} {...cell(column)}>
          {column === 'keys' && (
            <span className={classes['share']} title={`${formatShare(row.share)} of the keys asked about`}>
              <span className={classes['shareBar']} style={{ width: `${row.share * 100}%` }} />
              <span className={classes['shareCount']}>
                <Count value={row.keys} exactness={exactness} />
              </span>
            </span>
          )}
          {column === 'bytes' && <GroupBytes estimate={row.bytes} />}
          {column === 'ttl' && <TtlSplit split={row.ttl} />}
          {column === 'each' && <BytesPerKey estimate={row.bytes} keys={row.keys} />}
          {column === 'types' && <TypeMix types={row.types} />}
        </span>
      ))}
    </div>
  );
});
