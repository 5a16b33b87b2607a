import { NumberInput, Select, TextInput } from '@mantine/core';
import { parseDuration } from '../../../../shared/redis/ttl-input.ts';
import classes from '../invalidate.module.css';

/** A staged run as typed. */
export interface StagedForm {
  on: boolean;
  canary: number;
  wait: string;
  /** Points of the hit rate, percent. */
  drop: number;
  auto: boolean;
}

export const usualStaged: StagedForm = { on: false, canary: 100, wait: '30s', drop: 5, auto: true };

export function isStaged(value: unknown): value is StagedForm {
  return typeof value === 'object' && value !== null && Object.entries(usualStaged).every(([name, usual]) => typeof Reflect.get(value, name) === typeof usual);
}

/** As the host takes it; `null` when the run is not staged, or the wait is no length of time. */
export function stagedOf(form: StagedForm): { canary: number; waitMs: number; hitRateDropMax: number; auto: boolean } | null {
  const waitMs = parseDuration(form.wait);
  return !form.on || waitMs === null ? null : { canary: Math.max(1, Math.round(form.canary)), waitMs: Math.min(waitMs, 24 * 3_600_000), hitRateDropMax: Math.min(1, Math.max(0, form.drop / 100)), auto: form.auto };
}

/** The first keys go alone, then the run looks at the hit rate. */
export function StagedFields({ form, onChange }: { form: StagedForm; onChange: (form: StagedForm) => void }) {
  return (
    <div className={classes['pair']}>
      <NumberInput label="Keys that go first" min={1} max={1_000_000} allowDecimal={false} thousandSeparator="," hideControls value={form.canary} onChange={(value) => typeof value === 'number' && onChange({ ...form, canary: value })} />
      <TextInput label="Then wait" value={form.wait} error={parseDuration(form.wait) === null ? 'Such as 30s or 5m' : undefined} onChange={(event) => onChange({ ...form, wait: event.currentTarget.value })} />
      <NumberInput label="Hit rate may drop by" min={0} max={100} suffix=" points" hideControls value={form.drop} onChange={(value) => typeof value === 'number' && onChange({ ...form, drop: value })} />
      <Select
        label="After the wait"
        allowDeselect={false}
        value={form.auto ? 'auto' : 'ask'}
        data={[
          { value: 'auto', label: 'Decide by itself' },
          { value: 'ask', label: 'Ask me' },
        ]}
        onChange={(value) => onChange({ ...form, auto: value === 'auto' })}
      />
    </div>
  );
}
