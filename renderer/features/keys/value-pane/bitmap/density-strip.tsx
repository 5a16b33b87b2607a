import type { BitSnapshot } from '../../../../../shared/contract/value-work.ts';
import { formatBytes, formatExact, formatShare } from '../../../../lib/format.ts';
import classes from './bitmap.module.css';

interface DensityStripProps {
  snapshot: BitSnapshot;
  /** Where the grid is, 0 to 1. */
  at: number;
  /** Goes to a byte. */
  onGo: (offset: number) => void;
}

/** Share of bits set along the whole value, from its beginning to its end; a click goes there. */
export function DensityStrip({ snapshot, at, onGo }: DensityStripProps) {
  const { stretches, stretchBytes } = snapshot;
  if (stretches.length < 2) return null;
  return (
    <div className={classes['strip']}>
      <span className={classes['stripLabel']}>Density</span>
      {/* The same places are reached by the field Go to bit. */}
      {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions */}
      <div
        className={classes['stripBars']}
        onClick={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          const stretch = Math.floor(((event.clientX - box.left) / box.width) * stretches.length);
          onGo(stretch * stretchBytes);
        }}
      >
        {stretches.map((share, index) => (
          <span
            key={index}
            className={classes['stretch']}
            data-unknown={share === null || undefined}
            style={{ height: `${share === null ? 100 : share === 0 ? 0 : Math.max(8, share * 100)}%` }}
            title={`From byte ${formatExact(index * stretchBytes)}: ${share === null ? 'not counted yet' : `${formatShare(share)} set`}`}
          />
        ))}
        <span className={classes['here']} style={{ left: `${at * 100}%` }} />
      </div>
      <span className={classes['stripLabel']}>{formatBytes(stretchBytes)} a bar</span>
    </div>
  );
}
