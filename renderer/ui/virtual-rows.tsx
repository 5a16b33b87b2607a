import { useId, useImperativeHandle, useLayoutEffect, type AriaAttributes, type KeyboardEvent, type MouseEvent, type ReactNode, type Ref } from 'react';
import { useVirtualScroll } from './use-virtual-scroll.ts';
import { listHeight, offsetOfRow, rowAfterKey, rowsInView, type RowAlign } from './virtual-scroll.ts';
import classes from './virtual-rows.module.css';

export interface VirtualRowsHandle {
  focus(): void;
  scrollToRow(index: number, align?: RowAlign): void;
  /** Moves the view by rows, for rows that came or went above what is in view: the eye sees no jump. */
  shift(rows: number): void;
  /** First row that is wholly or partly in view. */
  firstRow(): number;
}

export interface RowMove {
  /** Shift was held: the selection is to reach from its anchor to here. */
  extend: boolean;
  /** Ctrl or Cmd was held: only this row changes. */
  toggle: boolean;
  by: 'key' | 'pointer';
}

interface VirtualRowsProps {
  /** Accessible name. */
  label: string;
  /** `listbox` has options, `tree` has items with levels, `grid` has rows whose content has `role="gridcell"`. */
  role: 'listbox' | 'tree' | 'grid';
  count: number;
  rowHeight?: number;
  overscan?: number;
  /** The row that keys act on; -1 when there is none. */
  active: number;
  isSelected?: (index: number) => boolean;
  multiple?: boolean;
  renderRow: (index: number) => ReactNode;
  /** Stable identity of a row; its place without it. */
  rowKey?: (index: number) => string | number;
  /** `aria-level`, `aria-expanded`, `aria-label`, and what else belongs to the row. */
  rowAria?: (index: number) => AriaAttributes;
  onMove: (index: number, move: RowMove) => void;
  /** Enter or double click. */
  onActivate?: (index: number) => void;
  onRowContextMenu?: (index: number, event: MouseEvent) => void;
  /** Sees each key first; `true` means it was used. */
  onKey?: (event: KeyboardEvent<HTMLDivElement>, active: number) => boolean;
  /** The rows drawn, `to` exclusive; called after each change. */
  onRange?: (from: number, to: number) => void;
  ref?: Ref<VirtualRowsHandle>;
}

const rowRoles = { listbox: 'option', tree: 'treeitem', grid: 'row' } as const;

function placeOf(role: VirtualRowsProps['role'], index: number, count: number): AriaAttributes {
  return role === 'grid' ? { 'aria-rowindex': index + 1 } : { 'aria-posinset': index + 1, 'aria-setsize': count };
}

/**
 * Rows of one height, any number of them; only those in view are in the page. The list holds the focus and names
 * its active row (`aria-activedescendant`), so scrolling a row away never loses the focus.
 */
export function VirtualRows(props: VirtualRowsProps) {
  const { label, role, count, rowHeight = 26, overscan = 8, active, isSelected, multiple = false, renderRow, rowKey, rowAria } = props;
  const { onMove, onActivate, onRowContextMenu, onKey, onRange, ref } = props;
  const id = useId();
  const scroll = useVirtualScroll(count, rowHeight);
  const { geometry, offset, scaled } = scroll;
  const { from, to } = rowsInView(offset, geometry, overscan);

  useImperativeHandle(ref, () => ({
    focus: () => scroll.element.current?.focus(),
    scrollToRow: (index, align = 'nearest') => scroll.scrollTo((at, now) => offsetOfRow(index, at, now, align)),
    shift: (rows) => scroll.scrollTo((at) => at + rows * rowHeight),
    firstRow: () => Math.floor(scroll.currentOffset() / rowHeight),
  }));

  useLayoutEffect(() => {
    onRange?.(from, to);
  }, [onRange, from, to]);

  const move = (index: number, event: KeyboardEvent | MouseEvent, by: RowMove['by']) => {
    onMove(index, { extend: event.shiftKey, toggle: event.ctrlKey || event.metaKey, by });
  };
  const handleKey = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.target !== event.currentTarget || event.nativeEvent.isComposing) return;
    if (onKey?.(event, active) === true) {
      event.preventDefault();
      return;
    }
    if (event.altKey) return;
    if (event.key === 'Enter' && active >= 0 && onActivate) {
      event.preventDefault();
      onActivate(active);
      return;
    }
    const next = rowAfterKey(event.key, active, geometry);
    if (next === null) return;
    event.preventDefault();
    scroll.scrollTo((at, now) => offsetOfRow(next, at, now, 'nearest'));
    move(next, event, 'key');
  };

  const rows = [];
  for (let index = from; index < to; index += 1) {
    rows.push(
      <div
        key={rowKey?.(index) ?? index}
        id={`${id}-${index}`}
        role={rowRoles[role]}
        className={classes['row']}
        style={{ height: rowHeight }}
        data-active={index === active || undefined}
        aria-selected={isSelected?.(index) ?? index === active}
        {...placeOf(role, index, count)}
        {...rowAria?.(index)}
        onMouseDown={(event) => {
          if (event.button === 0) move(index, event, 'pointer');
        }}
        onDoubleClick={() => onActivate?.(index)}
        onContextMenu={(event) => onRowContextMenu?.(index, event)}
      >
        {renderRow(index)}
      </div>,
    );
  }

  const top = from * rowHeight;
  return (
    <div
      ref={scroll.element}
      role={role}
      aria-label={label}
      aria-activedescendant={active >= from && active < to ? `${id}-${active}` : undefined}
      aria-multiselectable={multiple || undefined}
      aria-rowcount={role === 'grid' ? count : undefined}
      tabIndex={0}
      className={classes['scroller']}
      onKeyDown={handleKey}
    >
      <div role="presentation" className={classes['spacer']} style={{ height: scaled ? scroll.spacer : listHeight(geometry) }}>
        {scaled ? (
          <div role="presentation" className={classes['window']} style={{ height: geometry.viewport }}>
            <div role="presentation" className={classes['layer']} style={{ transform: `translateY(${top - offset}px)` }}>
              {rows}
            </div>
          </div>
        ) : (
          <div role="presentation" className={classes['layer']} style={{ transform: `translateY(${top}px)` }}>
            {rows}
          </div>
        )}
      </div>
    </div>
  );
}
