import type { FactsState, ViewSort } from '../../../../shared/contract/key-facts.ts';
import { ColumnHead } from '../columns/column-head.tsx';
import { ColumnsMenu } from '../columns/columns-menu.tsx';
import { columnLabel, columnSort, nextSort, type KeyColumn } from '../columns/columns.ts';
import type { Columns } from '../columns/use-columns.ts';
import type { ViewMode } from '../use-key-view.ts';
import columnClasses from '../columns/columns.module.css';
import classes from './key-tree.module.css';

interface TreeHeadProps {
  columns: Columns;
  mode: ViewMode;
  facts: FactsState | null;
  sort: ViewSort | null;
  /** The order is being made. */
  sorting: boolean;
  onSort: (sort: ViewSort) => void;
}

const rightAligned: ReadonlySet<KeyColumn> = new Set(['bytes', 'elements', 'recency', 'keys']);

/** The heads of the columns. In the list each sorts; the tree is by name. */
export function TreeHead({ columns, mode, facts, sort, sorting, onSort }: TreeHeadProps) {
  const recency = facts?.recency ?? null;
  const order = (column: KeyColumn | 'name') => {
    const by = mode === 'list' ? columnSort(column, recency) : null;
    const present = sort ?? { by: 'name', descending: false };
    return { sorted: by === null || present.by !== by ? null : present.descending ? ('descending' as const) : ('ascending' as const), onSort: by === null ? undefined : () => onSort(nextSort(sort, by)) };
  };
  return (
    <div className={`${columnClasses['headRow']} ${classes['head']}`} role="group" aria-label="Columns">
      <ColumnHead label="Name" {...order('name')} />
      {sorting && (
        <span className={classes['sorting']} role="status">
          Sorting…
        </span>
      )}
      {columns.shown.map((column) => (
        <ColumnHead
          key={column}
          label={columnLabel(column, recency, mode)}
          width={`var(--w-${column})`}
          align={rightAligned.has(column) || (column === 'ttl' && mode === 'list') ? 'right' : 'left'}
          resize={{ width: columns.widths[column], onWidth: (width) => columns.resize(column, width) }}
          {...order(column)}
        />
      ))}
      <ColumnsMenu columns={columns} mode={mode} facts={facts} />
    </div>
  );
}
