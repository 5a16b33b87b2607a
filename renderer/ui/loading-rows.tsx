import classes from './loading-rows.module.css';

const widths = [62, 48, 71, 35, 56, 66, 41, 52];

/** Skeleton of a list while its first rows are on their way. */
export function LoadingRows({ rows = 8, label = 'Loading' }: { rows?: number; label?: string }) {
  return (
    <div className={classes['rows']} role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, at) => (
        <div key={at} className={classes['row']}>
          <div className={classes['bar']} style={{ width: `${widths[at % widths.length]}%` }} />
        </div>
      ))}
    </div>
  );
}
