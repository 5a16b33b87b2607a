import { Button } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useImperativeHandle, useMemo, useRef, useState, type KeyboardEvent, type ReactNode, type Ref } from 'react';
import { formatExact, plural } from '../../../lib/format.ts';
import { useSetting } from '../../../lib/settings.ts';
import { LoadingRows } from '../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { VirtualRows, type VirtualRowsHandle } from '../../../ui/virtual-rows.tsx';
import type { Pages } from './use-value-pages.ts';
import classes from './value.module.css';

export interface Column<T> {
  id: string;
  title: string;
  /** First width in px; the last column takes what is left. */
  width: number;
  number?: boolean;
  cell: (item: T) => ReactNode;
  /** Order of two rows by this column: with it the loaded rows can be sorted. */
  compare?: (a: T, b: T) => number;
}

export interface ValueTableHandle {
  /** Brings a row into view and makes it the active one. */
  goTo(index: number): void;
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
  /** Only a range of the value is shown. */
  ranged?: boolean;
  onOpen: (item: T) => void;
  onMenu?: (item: T, x: number, y: number) => void;
  /** Sees F2 and Delete on the active row. */
  onRowKey?: (key: 'F2' | 'Delete', item: T) => void;
  describe: (item: T) => string;
  ref?: Ref<ValueTableHandle>;
}

interface Sorted {
  column: string;
  down: boolean;
}

const narrowest = 48;
const keyStep = 16;

function isWidths(value: unknown): value is Record<string, number> {
  return typeof value === 'object' && value !== null && Object.values(value).every((width) => typeof width === 'number');
}

/** Places of the loaded rows in the order asked for; `null` = as they came. */
function useOrder<T>(pages: Pages<T>, columns: readonly Column<T>[], sorted: Sorted | null): Uint32Array | null {
  const { count, item, version } = pages;
  const compare = columns.find(({ id }) => id === sorted?.column)?.compare;
  const down = sorted?.down === true;
  return useMemo(() => {
    if (compare === undefined) return null;
    const direction = down ? -1 : 1;
    return Uint32Array.from({ length: count }, (_, at) => at).toSorted((a, b) => {
      const [left, right] = [item(a), item(b)];
      return left === undefined || right === undefined ? a - b : compare(left, right) * direction || a - b;
    });
    // Rows grow in place: the version tells when.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [compare, down, count, item, version]);
}

/** Rows of a value under resizable columns; loads more as the end comes into view. */
export function ValueTable<T>(props: ValueTableProps<T>) {
  const { name, label, columns, pages, unit, units = `${unit}s`, filtered = false, ranged = false, onOpen, onMenu, onRowKey, describe, ref } = props;
  const [widths, setWidths] = useSetting<Record<string, number>>(`keys.columns.${name}`, {}, isWidths);
  const [active, setActive] = useState(0);
  const [sorted, setSorted] = useState<Sorted | null>(null);
  const list = useRef<VirtualRowsHandle>(null);
  const box = useRef<HTMLDivElement>(null);
  const order = useOrder(pages, columns, sorted);
  const widthOf = (column: Column<T>) => widths[column.id] ?? column.width;
  const template = columns.map((column, at) => (at === columns.length - 1 ? 'minmax(80px, 1fr)' : `${widthOf(column)}px`)).join(' ');
  const resize = (column: Column<T>, width: number) => setWidths((before) => ({ ...before, [column.id]: Math.max(narrowest, Math.round(width)) }));
  const { count, more, loading, problem } = pages;
  const rowAt = (at: number): T | undefined => pages.item(order === null ? at : (order[at] ?? at));
  useImperativeHandle(ref, () => ({
    goTo: (index) => {
      setActive(index);
      list.current?.scrollToRow(index, 'center');
      list.current?.focus();
    },
  }));
  const openMenu = (at: number, x: number, y: number) => {
    const row = rowAt(at);
    if (row === undefined || onMenu === undefined) return;
    setActive(at);
    onMenu(row, x, y);
  };

  if (count === 0 && loading && !filtered) return <LoadingRows rows={10} label="Reading the value" />;
  if (count === 0 && problem) return <ProblemView fills problem={problem} onRetry={pages.retry} />;
  return (
    <div className={classes['table']} ref={box}>
      <div className={classes['tableHead']} style={{ gridTemplateColumns: template }}>
        {columns.map((column, at) => (
          <div key={column.id} className={classes['headCell']} data-number={column.number}>
            <HeadTitle column={column} sorted={sorted?.column === column.id ? sorted : null} onSort={setSorted} />
            {at < columns.length - 1 && <Resizer title={column.title} width={widthOf(column)} onWidth={(width) => resize(column, width)} />}
          </div>
        ))}
      </div>
      {problem && <ProblemView problem={problem} onRetry={pages.retry} />}
      {count === 0 ? (
        <p className={classes['none']}>{filtered ? (loading ? 'Searching.' : more ? 'No match so far.' : `No ${unit} matches.`) : ranged ? `No ${units} in this range.` : `No ${units}.`}</p>
      ) : (
        <div className={classes['tableRows']} data-value-focus>
          <VirtualRows
            ref={list}
            label={label}
            role="grid"
            count={count}
            active={Math.min(active, count - 1)}
            rowAria={(at) => {
              const row = rowAt(at);
              return { 'aria-label': row === undefined ? '' : describe(row) };
            }}
            renderRow={(at) => {
              const row = rowAt(at);
              return (
                <div className={classes['tableRow']} style={{ gridTemplateColumns: template }} role="presentation">
                  {columns.map((column, index) => (
                    <div key={column.id} role="gridcell" className={`${classes['cell']} la-cut`} data-number={column.number}>
                      {row === undefined ? index === 0 && '…' : column.cell(row)}
                    </div>
                  ))}
                </div>
              );
            }}
            onMove={(at, move) => {
              setActive(at);
              const row = rowAt(at);
              if (move.by === 'pointer' && row !== undefined) onOpen(row);
            }}
            onActivate={(at) => {
              const row = rowAt(at);
              if (row !== undefined) onOpen(row);
            }}
            onRowContextMenu={(at, event) => {
              if (onMenu === undefined) return;
              event.preventDefault();
              openMenu(at, event.clientX, event.clientY);
            }}
            onKey={(event, at) => {
              const item = rowAt(at);
              if (onRowKey !== undefined && item !== undefined && (event.key === 'F2' || event.key === 'Delete')) {
                onRowKey(event.key, item);
                return true;
              }
              if (event.key !== 'ContextMenu' && !(event.shiftKey && event.key === 'F10')) return false;
              const row = box.current?.querySelector('[data-active]')?.getBoundingClientRect();
              openMenu(at, (row?.left ?? 0) + 24, row?.bottom ?? 0);
              return true;
            }}
            onRange={(from, to) => {
              pages.want?.(from, to);
              if (more && !loading && to >= count - 5 && !filtered) pages.loadMore();
            }}
          />
        </div>
      )}
      <div className={classes['tableFoot']} role="status">
        <span className="la-number">{footWords({ pages, unit, units, filtered, ranged })}</span>
        {filtered && loading && (
          <Button variant="default" onClick={pages.stop}>
            Stop
          </Button>
        )}
        {more && !(filtered && loading) && (
          <Button variant="default" loading={loading} onClick={pages.loadMore}>
            {filtered ? 'Search on' : 'Load more'}
          </Button>
        )}
        {pages.complete && pages.total > 0 && !filtered && <span>all loaded</span>}
        {pages.want !== undefined && !pages.complete && <span>rows are read as they come into view</span>}
        {sorted !== null && order !== null && <span>sorted among the {formatExact(count)} loaded</span>}
      </div>
    </div>
  );
}

function footWords<T>({ pages, unit, units, filtered, ranged }: { pages: Pages<T>; unit: string; units: string; filtered: boolean; ranged: boolean }): string {
  const { count, total, more, looked, full } = pages;
  if (filtered) {
    const found = `found ${plural(count, unit, units)}`;
    return more || pages.loading ? `looked at ~${formatExact(looked)} of ${plural(total, unit, units)}, ${found}` : `looked at all ${plural(total, unit, units)}, ${found}`;
  }
  if (ranged) return `${plural(count, unit, units)} of ${formatExact(total)}`;
  if (pages.want !== undefined) return plural(total, unit, units);
  return `${formatExact(count)} of ${plural(total, unit, units)}${full ? ', the most that is kept here; a filter finds the others' : ''}`;
}

/** A column's name; where it can be sorted by, a button that goes round: up, down, as they came. */
function HeadTitle<T>({ column, sorted, onSort }: { column: Column<T>; sorted: Sorted | null; onSort: (sorted: Sorted | null) => void }) {
  if (column.compare === undefined) return <span className="la-cut">{column.title}</span>;
  const next = sorted === null ? { column: column.id, down: false } : sorted.down ? null : { column: column.id, down: true };
  const words = sorted === null ? 'not sorted' : sorted.down ? 'sorted, last first' : 'sorted, first first';
  return (
    <button type="button" className={classes['sort']} aria-label={`${column.title}, ${words}`} title="Sort the loaded rows" onClick={() => onSort(next)}>
      <span className="la-cut">{column.title}</span>
      {sorted !== null && (sorted.down ? <IconArrowDown size={12} aria-hidden /> : <IconArrowUp size={12} aria-hidden />)}
    </button>
  );
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
