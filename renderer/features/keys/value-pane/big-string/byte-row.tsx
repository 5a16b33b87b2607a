import { bytesPerRow, hexRow } from '../byte-view.ts';
import { rowMargin, rowSegments } from './text-rows.ts';
import type { ByteWindows } from './byte-windows.ts';
import classes from './big-string.module.css';

/** Bytes that are marked, `to` exclusive. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

export interface ByteRowProps {
  windows: ByteWindows;
  /** First byte of the row and the end of it. */
  from: number;
  to: number;
  marked: ByteRange | null;
}

export function offsetLabel(offset: number, total: number): string {
  return offset.toString(16).padStart(Math.max(8, Math.max(0, total - 1).toString(16).length), '0');
}

/** Parts of a row before, in and behind what is marked. */
function partsOf(from: number, to: number, marked: ByteRange | null): { from: number; to: number; marked: boolean }[] {
  if (marked === null || marked.to <= from || marked.from >= to) return [{ from, to, marked: false }];
  const [begin, end] = [Math.max(from, marked.from), Math.min(to, marked.to)];
  return [
    { from, to: begin, marked: false },
    { from: begin, to: end, marked: true },
    { from: end, to, marked: false },
  ].filter((part) => part.to > part.from);
}

/** A row of the value as text; a character stands where its first byte is. */
export function TextRow({ windows, from, to, marked }: ByteRowProps) {
  const begin = Math.max(0, from - rowMargin);
  const bytes = windows.slice(begin, Math.min(windows.total, to + rowMargin));
  return (
    <div className={`${classes['row']} la-mono`}>
      <span className={classes['offset']}>{offsetLabel(from, windows.total)}</span>
      <bdi className={classes['textCells']}>
        {bytes === null
          ? '…'
          : partsOf(from, to, marked).map((part) => {
              const segments = rowSegments(bytes, part.from - begin, part.to - begin).map((segment, at) =>
                segment.escape ? (
                  <span key={at} className={classes['escape']}>
                    {segment.text}
                  </span>
                ) : (
                  segment.text
                ),
              );
              return part.marked ? <mark key={part.from}>{segments}</mark> : <span key={part.from}>{segments}</span>;
            })}
      </bdi>
    </div>
  );
}

/** A row of sixteen bytes in hexadecimal and ASCII. */
export function HexRow({ windows, from, to, marked }: ByteRowProps) {
  const bytes = windows.slice(from, to);
  if (bytes === null) {
    return (
      <div className={`${classes['row']} la-mono`}>
        <span className={classes['offset']}>{offsetLabel(from, windows.total)}</span>…
      </div>
    );
  }
  const row = hexRow(bytes, 0, from, windows.total);
  const isMarked = (at: number) => (marked !== null && from + at >= marked.from && from + at < marked.to) || undefined;
  const anyMarked = marked !== null && marked.to > from && marked.from < to;
  return (
    <div className={`${classes['row']} la-mono`}>
      <span className={classes['offset']}>{row.offset}</span>
      <span className={classes['hexCells']}>
        {anyMarked
          ? row.hex.map((digits, at) => (
              <span key={at}>
                {at === 8 ? '  ' : at === 0 ? '' : ' '}
                <span data-marked={isMarked(at)}>{digits}</span>
              </span>
            ))
          : `${row.hex.slice(0, 8).join(' ')}  ${row.hex.slice(8).join(' ')}`}
      </span>
      <span>{anyMarked ? Array.from(row.ascii).map((character, at) => <span key={at} data-marked={isMarked(at)}>{character}</span>) : row.ascii}</span>
    </div>
  );
}

export const hexBytesPerRow = bytesPerRow;
