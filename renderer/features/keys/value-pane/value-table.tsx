import { Button } from '@mantine/core';
import { useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { formatExact, plural } from '../../../lib/format.ts';
import { useSetting } from '../../../lib/settings.ts';
import { LoadingRows } from '../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { VirtualRows } from '../../../ui/virtual-rows.tsx';
import type { Pages } from './use-value-pages.ts';
import classes from './value.module.css';

export interface Column<T> {
  id: string;
  title: string;
  /** First width in px; the last column takes what is left. */
  width: number;
  number?: boolean;
  cell: (item: T) => ReactNode;
}

interface ValueTableProps<T> {
  /** Under this name the widths are remembered. */
  name: string;
  label: string;
  columns: readonly Column<T>[];
  pages: Pages<T>;
  /** What one row is: `field`. */
  unit: string;
  /** Its plural, where it is not made with an s. */
  units?: string;
  /** A filter is on, so fewer rows than the whole are expected. */
  filtered?: boolean;
  onOpen: (item: T) => void;
  /** Sees F2 and Delete on the active row. */
  onRowKey?: (key: 'F2' | 'Delete', item: T) => void;
  describe: (item: T) => string;
}

const narrowest = 48;
const keyStep = 16;

function isWidths(value: unknown): value is Record<string, number> {
  return typeof value === 'object' && value !== null && Object.values(value).every((width) => typeof width === 'number');
}

/** Rows of a value under resizable columns; loads more as the end comes into view. */
export function ValueTable<T>({ name, label, columns, pages, unit, units = `${unit}s`, filtered = false, onOpen, onRowKey, describe }: ValueTableProps<T>) {
  const [widths, setWidths] = useSetting<Record<string, number>>(`keys.columns.${name}`, {}, isWidths);
  const [active, setActive] = useState(0);
  const widthOf = (column: Column<T>) => widths[column.id] ?? column.width;
  const template = columns.map((column, at) => (at === columns.length - 1 ? 'minmax(80px, 1fr)' : `${widthOf(column)}px`)).join(' ');
  const resize = (column: Column<T>, width: number) => setWidths((before) => ({ ...before, [column.id]: Math.max(narrowest, Math.round(width)) }));
  const { items, total, more, loading, problem } = pages;

  if (items.length === 0 && loading) return <LoadingRows rows={10} label="Reading the value" />;
  if (items.length === 0 && problem) return <ProblemView fills problem={problem} onRetry={pages.retry} />;
  return (
    <div className={classes['table']}>
      <div className={classes['tableHead']} style={{ gridTemplateColumns: template }}>
        {columns.map((column, at) => (
          <div key={column.id} className={classes['headCell']} data-number={column.number}>
            <span className="la-cut">{column.title}</span>
            {at < columns.length - 1 && <Resizer title={column.title} width={widthOf(column)} onWidth={(width) => resize(column, width)} />}
          </div>
        ))}
      </div>
      {problem && <ProblemView problem={problem} onRetry={pages.retry} />}
      {items.length === 0 ? (
        <p className={classes['none']}>{filtered ? `No ${unit} matches.` : `No ${units}.`}</p>
      ) : (
        <div className={classes['tableRows']} data-value-focus>
          <VirtualRows
            label={label}
            role="grid"
            count={items.length}
            active={Math.min(active, items.length - 1)}
            rowAria={(at) => ({ 'aria-label': items[at] === undefined ? '' : describe(items[at]) })}
            renderRow={(at) => (
              <div className={classes['tableRow']} style={{ gridTemplateColumns: template }} role="presentation">
                {columns.map((column) => (
                  <div key={column.id} role="gridcell" className={`${classes['cell']} la-cut`} data-number={column.number}>
                    {items[at] !== undefined && column.cell(items[at])}
                  </div>
                ))}
              </div>
            )}
            onMove={(at, move) => {
              setActive(at);
              if (move.by === 'pointer' && items[at] !== undefined) onOpen(items[at]);
            }}
            onKey={(event, at) => {
              const item = items[at];
              if (onRowKey === undefined || item === undefined || (event.key !== 'F2' && event.key !== 'Delete')) return false;
              onRowKey(event.key, item);
              return true;
            }}
            onActivate={(at) => items[at] !== undefined && onOpen(items[at])}
            onRange={(_, to) => {
              if (more && !loading && to >= items.length - 5 && !filtered) pages.loadMore();
            }}
          />
        </div>
      )}
      <div className={classes['tableFoot']} role="status">
        <span className="la-number">{footWords(pages, unit, units, filtered)}</span>
        {more && (
          <Button variant="default" loading={loading} onClick={pages.loadMore}>
            {filtered ? 'Search on' : 'Load more'}
          </Button>
        )}
        {!more && total > 0 && !filtered && <span>all loaded</span>}
      </div>
    </div>
  );
}

function footWords<T>({ items, total, more, pages }: Pages<T>, unit: string, units: string, filtered: boolean): string {
  if (!filtered) return `${formatExact(items.length)} of ${plural(total, unit, units)}`;
  const found = plural(items.length, `matching ${unit}`, `matching ${units}`);
  return more ? `${found} in the first ${plural(pages, 'page')}; ${plural(total, unit, units)} in all` : `${found} of ${formatExact(total)}`;
}

interface ResizerProps {
  title: string;
  width: number;
  onWidth: (width: number) => void;
}

/** The edge of a column: drag it, or focus it and use the arrows. */
function Resizer({ title, width, onWidth }: ResizerProps) {
  const start = useRef<{ x: number; width: number } | null>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -keyStep, ArrowRight: keyStep }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    onWidth(width + step);
  };
  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={`Width of ${title}`}
      aria-valuenow={width}
      aria-valuemin={narrowest}
      aria-valuemax={2000}
      tabIndex={0}
      className={classes['resizer']}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { x: event.clientX, width };
      }}
      onPointerMove={(event) => {
        if (start.current) onWidth(start.current.width + event.clientX - start.current.x);
      }}
      onPointerUp={() => {
        start.current = null;
      }}
    />
  );
}
