import { Button, Group, TextInput } from '@mantine/core';
import { IconLockOpen2 } from '@tabler/icons-react';
import { useState } from 'react';
import type { PlanSnapshot } from '../../../../shared/contract/bulk.ts';
import type { Problem } from '../../../../shared/contract/errors.ts';
import { unitWords } from '../../../lib/bulk-words.ts';
import { runCommand } from '../../../lib/commands.ts';
import { formatExact } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { useNow } from '../../../lib/now.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { RateField } from '../../../ui/bulk/rate-field.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { useTtlPlace } from '../ttl-place.ts';
import { ActionFields, SelectionFields } from './change-fields.tsx';
import { actionOf, formOf, selectionOf, type ChangeErrors, type ChangeForm, type ChangeStart } from './change-form.ts';
import { confirmWords } from './change-words.ts';
import { PlanView } from './plan-view.tsx';
import { usePlan } from './use-plan.ts';
import classes from './change.module.css';

interface ChangeBodyProps {
  start: ChangeStart;
  onClose: () => void;
  onRun: (runId: string) => void;
}

/** The form on the left, what it would do on the right, and what confirms it below. */
export function ChangeBody({ start, onClose, onRun }: ChangeBodyProps) {
  const place = useTtlPlace();
  const [form, setForm] = useState<ChangeForm>(() => formOf(start));
  const [tried, setTried] = useState(false);
  const { plan, begin, cancel, drop, taken } = usePlan(place);
  const now = useNow(1000) + place.clockSkewMs;
  const { action, errors: actionErrors } = actionOf(form, now);
  const { errors: selectionErrors } = form.source === 'hash' ? { errors: {} } : selectionOf(form, place, 'not gathered yet');
  const errors: ChangeErrors = { ...selectionErrors, ...actionErrors };
  const busy = plan.state === 'gathering' || plan.state === 'counting';

  const change = (next: Partial<ChangeForm>) => {
    setForm({ ...form, ...next });
    // What was counted was counted for something else.
    if (plan.state !== 'idle') drop();
  };
  const preview = () => {
    setTried(true);
    if (action !== null && Object.keys(errors).length === 0) void begin(form, action);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy && plan.state !== 'ready') preview();
      }}
    >
      <div className={classes['columns']}>
        <div className={classes['form']}>
          <SelectionFields form={form} errors={tried ? errors : {}} onChange={change} />
          <ActionFields form={form} errors={tried ? errors : {}} action={action} onChange={change} />
        </div>
        <div className={classes['preview']} role="region" aria-label="Preview">
          <PlanView plan={plan} form={form} onCancel={cancel} onPreview={preview} />
        </div>
      </div>
      {plan.state === 'ready' && plan.snapshot !== null && plan.action !== null && plan.snapshot.wouldChange > 0 ? (
        <ConfirmBar
          plan={plan.snapshot}
          field={form.source === 'hash'}
          label={confirmWords(plan.snapshot, plan.action.kind, place.workspaceName)}
          onClose={onClose}
          onRun={(runId) => {
            taken();
            onRun(runId);
          }}
        />
      ) : (
        <Group justify="flex-end" gap={8} mt={12}>
          <Button variant="default" data-autofocus onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy}>
            {plan.state === 'idle' ? 'Preview' : 'Preview again'}
          </Button>
        </Group>
      )}
    </form>
  );
}

interface ConfirmBarProps {
  plan: PlanSnapshot;
  field: boolean;
  label: string;
  onClose: () => void;
  onRun: (runId: string) => void;
}

/** Asks for as much as the plan says: a click, the count, or the count and the name. */
function ConfirmBar({ plan, field, label, onClose, onRun }: ConfirmBarProps) {
  const { client } = useHost();
  const { workspaceName, readOnly } = useTtlPlace();
  const [count, setCount] = useState('');
  const [name, setName] = useState('');
  const [keysPerSecond, setRate] = useState<number | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const asksCount = plan.confirmation !== 'click';
  const asksName = plan.confirmation === 'count-and-name';
  const counted = !asksCount || Number(count.replaceAll(/[,\s]/g, '')) === plan.wouldChange;
  const named = !asksName || name === workspaceName;
  const run = async () => {
    setBusy(true);
    setProblem(null);
    const input = { planId: plan.planId, confirm: { count: plan.wouldChange, ...(asksName ? { name } : {}) }, keysPerSecond };
    try {
      const { runId } = await (field ? client.bulk.runFieldTtl(input) : client.bulk.runTtl(input));
      onRun(runId);
    } catch (error) {
      setProblem(toProblem(error));
      setBusy(false);
    }
  };
  return (
    <>
      {problem !== null && <ProblemView problem={problem} />}
      {readOnly && (
        <Group gap={12} mt={12} justify="space-between" role="status">
          <span className={classes['words']}>{workspaceName} is read-only: the preview is exact, a run is refused.</span>
          <Button variant="default" leftSection={<IconLockOpen2 size={14} />} onClick={() => runCommand('connection.unlock')}>
            Unlock {workspaceName} for a time…
          </Button>
        </Group>
      )}
      <div className={classes['confirm']}>
        <RateField value={keysPerSecond} onChange={setRate} unit={plan.unit} />
        {asksCount && (
          <TextInput
            label={`Type ${formatExact(plan.wouldChange)} to confirm the count`}
            value={count}
            w={220}
            inputMode="numeric"
            autoComplete="off"
            onChange={(event) => setCount(event.currentTarget.value)}
          />
        )}
        {asksName && <TextInput label={`Type ${workspaceName} to confirm where`} value={name} w={240} autoComplete="off" spellCheck={false} onChange={(event) => setName(event.currentTarget.value)} />}
        <span className={classes['spring']} />
        <Button variant="default" autoFocus onClick={onClose}>
          Cancel
        </Button>
        <Button color={asksCount ? 'red' : 'accent'} loading={busy} disabled={readOnly || !counted || !named} onClick={() => void run()} title={readOnly ? 'The connection is read-only' : counted && named ? `Changes ${unitWords(plan.wouldChange, plan.unit)}` : 'Confirm the count first'}>
          {label}
        </Button>
      </div>
    </>
  );
}
