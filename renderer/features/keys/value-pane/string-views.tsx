import { SegmentedControl } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { BigString } from './big-string/big-string.tsx';
import { BitmapView } from './bitmap/bitmap-view.tsx';
import { HyperLogLogView } from './hll/hll-view.tsx';
import { useIsHyperLogLog } from './hll/use-is-hyperloglog.ts';
import { StringValue } from './string-value.tsx';
import type { ValueProps } from './value-body.tsx';
import classes from './value.module.css';

/** Above this a value opens as bytes to scroll over, below as a value to read. */
const bigBytes = 1024 * 1024;

type View = 'value' | 'bytes' | 'bits' | 'hll';

/** A string by what it is used as: a value, bytes, bits, or a HyperLogLog. */
export function StringViews(props: ValueProps) {
  const { facts } = props;
  const length = facts.length ?? 0;
  const isHyperLogLog = useIsHyperLogLog(props);
  const [asked, setAsked] = useState<View | null>(null);
  const best: View = isHyperLogLog ? 'hll' : length > bigBytes ? 'bytes' : 'value';
  const view = asked ?? best;
  const bodies: Record<View, () => ReactNode> = {
    value: () => <StringValue {...props} />,
    bytes: () => <BigString {...props} />,
    bits: () => <BitmapView {...props} />,
    hll: () => <HyperLogLogView {...props} />,
  };
  return (
    <div className={classes['body']}>
      <div className={classes['viewBar']} role="group" aria-label="View">
        <SegmentedControl
          size="xs"
          aria-label="View of the string"
          value={view}
          onChange={(value) => setAsked(value as View)}
          data={[
            { value: 'value', label: 'Value' },
            { value: 'bytes', label: 'All bytes' },
            { value: 'bits', label: 'Bits' },
            ...(isHyperLogLog ? [{ value: 'hll', label: 'HyperLogLog' }] : []),
          ]}
        />
      </div>
      {bodies[view]()}
    </div>
  );
}
