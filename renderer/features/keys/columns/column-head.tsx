import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useRef, type KeyboardEvent, type PointerEvent } from 'react';
import { narrowest, widest } from './columns.ts';
import classes from './columns.module.css';

interface ColumnHeadProps {
  label: string;
  /** The width as CSS: a variable or px; without it the column takes what is left. */
  width?: string;
  align?: 'left' | 'right';
  title?: string;
  /** `null` when this column is not the order; without `onSort` nothing sorts by it. */
  sorted?: 'ascending' | 'descending' | null;
  onSort?: (() => void) | undefined;
  resize?: { width: number; onWidth: (width: number) => void };
}

/** The head of one column: its name, its order, and the edge that makes it wider or narrower. */
export function ColumnHead({ label, width, align = 'left', title, sorted = null, onSort, resize }: ColumnHeadProps) {
  return (
    <span className={classes['head']} data-align={align} data-grows={width === undefined || undefined} style={width === undefined ? undefined : { width }} title={title}>
      {onSort === undefined ? (
        <span className="la-cut">{label}</span>
      ) : (
        <button type="button" className={classes['sort']} aria-label={`Sort by ${label}${sorted === null ? '' : `, now ${sorted}`}`} aria-pressed={sorted !== null} onClick={onSort}>
          <span className="la-cut">{label}</span>
          {sorted === 'ascending' && <IconArrowUp size={11} aria-hidden />}
          {sorted === 'descending' && <IconArrowDown size={11} aria-hidden />}
        </button>
      )}
      {resize && <Edge label={label} {...resize} />}
    </span>
  );
}

function Edge({ label, width, onWidth }: { label: string; width: number; onWidth: (width: number) => void }) {
  const from = useRef<{ x: number; width: number } | null>(null);
  const onPointerDown = (event: PointerEvent<HTMLSpanElement>) => {
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    from.current = { x: event.clientX, width };
  };
  const onPointerMove = (event: PointerEvent) => {
    // The edge is the column's left one: to the left is wider.
    if (from.current !== null) onWidth(from.current.width + from.current.x - event.clientX);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: 8, ArrowRight: -8 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    onWidth(width + step);
  };
  return (
    <span
      role="separator"
      aria-orientation="vertical"
      aria-label={`Width of ${label}`}
      aria-valuenow={width}
      aria-valuemin={narrowest}
      aria-valuemax={widest}
      tabIndex={0}
      className={classes['edge']}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={() => {
        from.current = null;
      }}
      onKeyDown={onKeyDown}
    />
  );
}
