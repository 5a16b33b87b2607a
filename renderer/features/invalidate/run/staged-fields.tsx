import { NumberInput, Select, TextInput } from '@mantine/core';
import { parseDuration } from '../../../../shared/redis/ttl-input.ts';
import type { StagedForm } from './staged.ts';
import classes from '../invalidate.module.css';

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
