import { useMemo } from 'react';
import { formatExact } from '../../../../lib/format.ts';
import { bitUnder, onesIn, pathOfOnes, xOfBit } from './bits.ts';
import classes from './bitmap.module.css';

/** Least width of a bit, and what stands between two bytes, px. */
export const leastBitPx = 8;
export const gapPx = 3;

interface BitRowProps {
  /** `null` while they are read. */
  bytes: Uint8Array | null;
  /** Index of the first bit. */
  first: number;
  rowBits: number;
  /** Width of a bit, px. */
  bitPx: number;
  height: number;
  /** The chosen bit, counted in this row. */
  active: number | null;
  onHover: (bit: number | null) => void;
}

/** One row of the grid; all set bits are one path. */
export function BitRow({ bytes, first, rowBits, bitPx, height, active, onHover }: BitRowProps) {
  const width = xOfBit(rowBits, bitPx, gapPx);
  const ones = useMemo(() => (bytes === null ? '' : pathOfOnes(bytes, bitPx, gapPx)), [bytes, bitPx]);
  const all = useMemo(() => (bytes === null ? '' : pathOfOnes(new Uint8Array(bytes.length).fill(0xff), bitPx, gapPx)), [bytes, bitPx]);
  return (
    <div className={classes['row']}>
      <span className={`${classes['index']} la-mono la-number`}>{formatExact(first)}</span>
      <svg
        width={width}
        height={height}
        aria-hidden
        onMouseMove={(event) => {
          const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
          const under = bitUnder(x, (bytes?.length ?? 0) * 8, bitPx, gapPx);
          onHover(under === null ? null : first + under);
        }}
      >
        <path d={all} className={classes['zeros']} />
        <path d={ones} className={classes['ones']} />
        {active !== null && <rect className={classes['cursor']} x={xOfBit(active, bitPx, gapPx) - 0.5} y={0.5} width={bitPx} height={bitPx} />}
      </svg>
      <span className={`${classes['count']} la-number`}>{bytes === null ? '…' : onesIn(bytes)}</span>
    </div>
  );
}
