import type { ReactNode } from 'react';
import { formatBytes, formatBytesExact, formatExact } from '../../../lib/format.ts';
import classes from '../invalidate.module.css';

export interface SplitRow {
  id: string;
  name: ReactNode;
  keys: number;
  /** Left out where they are not known. */
  bytes?: number | null;
}

/** How a number is made up: a bar for the share, the number, and the bytes where they are known. */
export function SplitTable({ title, rows }: { title: string; rows: readonly SplitRow[] }) {
  const most = Math.max(1, ...rows.map(({ keys }) => keys));
  if (rows.length === 0) return null;
  return (
    <section className={classes['split']} aria-label={title}>
      <h3 className={classes['splitTitle']}>{title}</h3>
      <table className={classes['splitTable']}>
        <tbody>
          {rows.map(({ id, name, keys, bytes }) => (
            <tr key={id}>
              <th scope="row">
                <div className="la-cut">{name}</div>
                <span className={classes['bar']} style={{ width: `${(keys / most) * 100}%` }} aria-hidden />
              </th>
              <td data-number>{formatExact(keys)}</td>
              {bytes !== undefined && (
                <td data-number title={bytes === null ? 'Not known' : formatBytesExact(bytes)}>
                  {bytes === null ? '–' : formatBytes(bytes)}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
