import type { ReactNode } from 'react';
import classes from '../value.module.css';

interface SmallTableProps {
  label: string;
  head: readonly string[];
  /** Columns of numbers. */
  numbers: readonly number[];
  rows: readonly { key: string; chosen?: boolean; cells: readonly ReactNode[] }[];
}

/** A table of what is few: all its rows are in the page. An empty heading is a column of actions. */
export function SmallTable({ label, head, numbers, rows }: SmallTableProps) {
  return (
    <table className={classes['small']} aria-label={label}>
      <thead>
        <tr>
          {head.map((title, at) =>
            title === '' ? (
              <td key={at} className={classes['actionCell']} />
            ) : (
              <th key={title} scope="col" data-number={numbers.includes(at) || undefined}>
                {title}
              </th>
            ),
          )}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key} data-chosen={row.chosen || undefined}>
            {row.cells.map((cell, at) => (
              <td key={head[at] === '' ? at : head[at]} className={head[at] === '' ? classes['actionCell'] : numbers.includes(at) ? 'la-number' : ''} data-number={numbers.includes(at) || undefined}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
