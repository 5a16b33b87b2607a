import type { WireBytes } from '../../shared/bytes.ts';
import { wireSegments, type WireTextOptions } from '../lib/wire-text.ts';
import classes from './wire-text-view.module.css';

interface WireTextProps extends WireTextOptions {
  value: WireBytes;
  /** Shown for the empty name or value. */
  empty?: string;
}

/** Bytes as text, with everything invisible or misleading drawn as an escape of another colour. */
export function WireText({ value, empty = '(empty)', ...options }: WireTextProps) {
  const segments = wireSegments(value, options);
  if (segments.length === 0) return <span className={classes['empty']}>{empty}</span>;
  return (
    <bdi className={classes['text']}>
      {segments.map((segment, at) =>
        segment.escape ? (
          <span key={at} className={classes['escape']}>
            {segment.text}
          </span>
        ) : (
          segment.text
        ),
      )}
    </bdi>
  );
}
