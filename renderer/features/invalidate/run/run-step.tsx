import { Button } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { useInvalidatePlace, useSessionState } from '../place.ts';
import { Step } from '../step.tsx';
import { ConfirmForm } from './confirm-form.tsx';
import { LockNotice } from './lock-notice.tsx';
import { RunView } from './run-view.tsx';
import classes from '../invalidate.module.css';

/** The third step: nothing before the count, then the confirmation, then the run. */
export function RunStep() {
  const { session } = useInvalidatePlace();
  const { plan, runId, runbook } = useSessionState();
  const ready = plan.state === 'ready' && plan.snapshot !== null && plan.snapshot.selected > 0 ? plan.snapshot : null;
  if (ready !== null) {
    return (
      <Step number={3} title="Run">
        <ConfirmForm key={ready.planId} plan={ready} runbook={runbook} />
      </Step>
    );
  }
  if (runId !== null) {
    return (
      <Step
        number={3}
        title="Run"
        aside={
          <Button variant="subtle" color="gray" size="compact-xs" onClick={() => session.watch(null)}>
            Put away
          </Button>
        }
      >
        <RunView key={runId} runId={runId} />
      </Step>
    );
  }
  const none = plan.state === 'ready' && plan.snapshot?.selected === 0;
  return (
    <Step number={3} title="Run">
      <div className={classes['body']}>
        <LockNotice />
        <EmptyState icon={<IconPlayerPlay size={28} stroke={1.5} />} title={none ? 'There is nothing to do' : 'Nothing to run yet'}>
          {none ? 'No key is taken. Change what is chosen and count again.' : 'After the count: how fast it may go, whether a few keys go first, and the confirmation. A run can be paused, cancelled and undone.'}
        </EmptyState>
      </div>
    </Step>
  );
}
