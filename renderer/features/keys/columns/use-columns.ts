import { useElementSize } from '@mantine/hooks';
import { useMemo, type CSSProperties } from 'react';
import type { FactsState } from '../../../../shared/contract/key-facts.ts';
import type { KeySettings } from '../use-key-settings.ts';
import type { ViewMode } from '../use-key-view.ts';
import { columnWidths, fitKeyColumns, keyColumns, listWidths, narrowest, wantedColumns, widest, type KeyColumn } from './columns.ts';

export interface Columns {
  /** Measures the room that there is. */
  ref: (element: HTMLDivElement | null) => void;
  shown: readonly KeyColumn[];
  /** Wanted, and without room at this width. */
  crowded: readonly KeyColumn[];
  widths: Readonly<Record<KeyColumn, number>>;
  /** `--w-<column>` for head and rows: a column that is dragged draws no row again. */
  style: CSSProperties;
  hidden: readonly KeyColumn[];
  toggle: (column: KeyColumn) => void;
  resize: (column: KeyColumn, width: number) => void;
}

/** px of padding and scrollbar beside the columns. */
const outer = 46;

/** Which columns show, how wide they are, and what has no room. */
export function useColumns(settings: Pick<KeySettings, 'hidden' | 'setHidden' | 'widths' | 'setWidths'>, mode: ViewMode, facts: FactsState | null): Columns {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const { hidden, setHidden, setWidths } = settings;
  const widths = useMemo(() => ({ ...columnWidths, ...(mode === 'list' ? listWidths : {}), ...settings.widths }), [mode, settings.widths]);
  const fields = facts?.fields.join(' ') ?? '';
  const room = width - outer;
  const { shown, crowded } = useMemo(() => {
    const wanted = wantedColumns(mode, hidden, facts);
    const fitting = width === 0 ? [] : fitKeyColumns(mode, wanted, widths, room);
    return { shown: fitting, crowded: wanted.filter((column) => width > 0 && !fitting.includes(column)) };
    // The facts come anew with each snapshot; only their fields decide.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [mode, hidden, fields, widths, width, room]);
  const style = useMemo(() => Object.fromEntries(keyColumns.map((column) => [`--w-${column}`, `${widths[column]}px`])) as CSSProperties, [widths]);
  return {
    ref,
    shown,
    crowded,
    widths,
    style,
    hidden,
    toggle: (column) => setHidden((before) => (before.includes(column) ? before.filter((one) => one !== column) : [...before, column])),
    resize: (column, next) => setWidths((before) => ({ ...before, [column]: Math.round(Math.max(narrowest, Math.min(widest, next))) })),
  };
}
