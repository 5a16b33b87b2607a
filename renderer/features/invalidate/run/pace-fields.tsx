import { NumberInput } from '@mantine/core';
import { useState } from 'react';
import type { RunPace } from '../../../../shared/contract/bulk.ts';
import classes from '../invalidate.module.css';

interface PaceFieldsProps {
  pace: RunPace;
  onChange: (pace: RunPace) => void;
}

interface Field {
  name: keyof RunPace;
  label: string;
  min: number;
  max: number;
  /** What is shown = what is meant * scale. */
  scale: number;
  suffix: string;
}

const fields: readonly Field[] = [
  { name: 'keysPerSecond', label: 'Keys a second, at most', min: 1, max: 10_000_000, scale: 1, suffix: ' keys/s' },
  { name: 'serverShare', label: 'Server time, at most', min: 1, max: 100, scale: 100, suffix: ' %' },
  { name: 'pauseMs', label: 'Rest after each page', min: 0, max: 60_000, scale: 1, suffix: ' ms' },
  { name: 'latencyFloorMs', label: 'Hold while PING is over', min: 0.1, max: 60_000, scale: 1, suffix: ' ms' },
  { name: 'hitRateFloor', label: 'Hold while hits are under', min: 0, max: 100, scale: 100, suffix: ' %' },
];

/** How fast a run may go; what is empty sets no limit. */
export function PaceFields({ pace, onChange }: PaceFieldsProps) {
  return (
    <div className={classes['pair']}>
      {fields.map((field) => (
        <PaceField key={field.name} field={field} value={pace[field.name]} onChange={(value) => onChange({ ...pace, [field.name]: value })} />
      ))}
    </div>
  );
}

/** What is typed stays as typed until the field is left; what it means is within its limits at each moment. */
function PaceField({ field, value, onChange }: { field: Field; value: number | null; onChange: (value: number | null) => void }) {
  const { label, min, max, scale, suffix } = field;
  const [typed, setTyped] = useState<number | string>(value === null ? '' : Number((value * scale).toPrecision(12)));
  return (
    <NumberInput
      label={label}
      placeholder="No limit"
      min={min}
      max={max}
      clampBehavior="blur"
      thousandSeparator=","
      suffix={suffix}
      hideControls
      value={typed}
      onChange={(next) => {
        setTyped(next);
        const number = typeof next === 'number' ? next : Number.parseFloat(next);
        onChange(Number.isNaN(number) ? null : Math.min(max, Math.max(min, number)) / scale);
      }}
    />
  );
}
