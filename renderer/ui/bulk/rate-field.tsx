import { Select } from '@mantine/core';
import type { Unit } from '../../lib/bulk-words.ts';
import { formatExact } from '../../lib/format.ts';

const rates = [100, 1000, 5000, 20_000];

/** How fast a run may go. */
export function RateField({ value, onChange, unit, label = 'Speed' }: { value: number | null; onChange: (rate: number | null) => void; unit: Unit; label?: string }) {
  const known = value === null || rates.includes(value) ? rates : [...rates, value].toSorted((a, b) => a - b);
  return (
    <Select
      label={label}
      w={170}
      allowDeselect={false}
      value={value === null ? '' : String(value)}
      data={[{ value: '', label: 'As the server allows' }, ...known.map((rate) => ({ value: String(rate), label: `${formatExact(rate)} ${unit}/s` }))]}
      onChange={(next) => onChange(next === null || next === '' ? null : Number(next))}
    />
  );
}
