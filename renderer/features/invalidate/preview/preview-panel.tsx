import { Button, Progress } from '@mantine/core';
import { IconListSearch, IconRefresh } from '@tabler/icons-react';
import type { InvalidatePlan } from '../../../../shared/contract/invalidate.ts';
import { ofWords, unitWords } from '../../../lib/bulk-words.ts';
import { exactnessMark, exactnessWords, formatAgo, formatBytes, formatDuration, formatExact, formatRate } from '../../../lib/format.ts';
import { useNow } from '../../../lib/now.ts';
import { BlastRadiusView } from '../../../ui/blast-radius/blast-radius-view.tsx';
import { useBlastSource } from '../../../ui/blast-radius/host-blast-source.ts';
import { useBlastRadius } from '../../../ui/blast-radius/use-blast-radius.ts';
import { Bytes } from '../../../ui/bytes.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { LoadingRows } from '../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { WireText } from '../../../ui/wire-text-view.tsx';
import { useInvalidatePlace, useSessionState } from '../place.ts';
import type { PlanProgress } from '../session.ts';
import { Step } from '../step.tsx';
import { PlanFacts, Warnings } from './plan-facts.tsx';
import { PlanRows } from './plan-rows.tsx';
import classes from '../invalidate.module.css';

/** What the invalidation would take, counted to the end before anything is changed. */
export function PreviewPanel() {
  const { session } = useInvalidatePlace();
  const { plan } = useSessionState();
  const again = () => {
    if (plan.action !== null) void session.count(plan.action);
  };
  const busy = plan.state === 'gathering' || plan.state === 'counting';
  return (
    <Step
      number={2}
      title="Preview"
      aside={
        busy ? (
          <Button variant="default" size="compact-xs" onClick={() => session.cancel()}>
            Cancel the count
          </Button>
        ) : (
          plan.state === 'ready' && (
            <Button variant="default" size="compact-xs" leftSection={<IconRefresh size={12} />} onClick={again}>
              Count again
            </Button>
          )
        )
      }
    >
      <Content plan={plan} onAgain={again} />
    </Step>
  );
}

function Content({ plan, onAgain }: { plan: PlanProgress; onAgain: () => void }) {
  const { state, snapshot, problem, gathered } = plan;
  if (state === 'failed' && problem !== null) return <ProblemView problem={problem} onRetry={onAgain} retryLabel="Count again" fills />;
  if (state === 'gathering') {
    return (
      <>
        <div className={classes['head']}>
          <div className={classes['spring']}>
            <div className={classes['big']} role="status">
              {formatExact(gathered.lines)} names read
            </div>
            <div className={`${classes['dim']} la-number`}>
              {formatBytes(gathered.bytes)} of {formatBytes(gathered.totalBytes)}
              {gathered.blanks > 0 && ` · ${formatExact(gathered.blanks)} blank lines left out`}
            </div>
          </div>
        </div>
        <Progress value={gathered.totalBytes === 0 ? 0 : (gathered.bytes / gathered.totalBytes) * 100} size={3} radius={0} aria-label="Progress of reading the names" />
      </>
    );
  }
  if (snapshot === null) {
    if (state === 'counting') return <LoadingRows rows={8} label="The first keys are being read" />;
    return (
      <EmptyState icon={<IconListSearch size={28} stroke={1.5} />} title={state === 'cancelled' ? 'The count was cancelled' : 'Nothing is counted yet'}>
        The count walks every key in question and changes nothing. It says exactly what would be taken, how many bytes that is, what is left out and why, and what an undo would need.
      </EmptyState>
    );
  }
  return (
    <>
      <PlanHead plan={snapshot} progress={plan} cancelled={state === 'cancelled'} />
      <div className={classes['body']} tabIndex={0} role="region" aria-label="Result of the count">
        {state !== 'taken' && <Warnings plan={snapshot} />}
        <PlanFacts plan={snapshot} />
        {state === 'ready' && snapshot.selected > 0 && <Reads key={snapshot.planId} planId={snapshot.planId} />}
        {state === 'ready' ? <PlanRows plan={snapshot} /> : <Sample plan={snapshot} />}
      </div>
    </>
  );
}

/** Reads a second that would miss, measured when somebody asks. */
function Reads({ planId }: { planId: string }) {
  const { workspaceId, db } = useInvalidatePlace();
  const source = useBlastSource(workspaceId, planId, () => ({ kind: 'plan', of: 'invalidation', workspaceId, db, planId }));
  return (
    <section className={classes['reads']} aria-label="Reads that would miss">
      <h3 className={classes['readsTitle']}>Reads that would miss</h3>
      <BlastRadiusView blast={useBlastRadius(source)} />
    </section>
  );
}

const stateWords: Record<Exclude<InvalidatePlan['state'], 'ready'>, string> = {
  counting: 'counting',
  'backing-off': 'waiting: the server is busy',
  'waiting-for-server': 'waiting for the server',
};

function PlanHead({ plan, progress, cancelled }: { plan: InvalidatePlan; progress: PlanProgress; cancelled: boolean }) {
  const ready = plan.state === 'ready';
  const moving = !ready && !cancelled;
  const share = plan.total === null || plan.total === 0 ? null : Math.min(1, plan.walked / plan.total);
  const { gathered } = progress;
  const { form } = useSessionState();
  // Each given name is taken or left out, once; in several databases or on one node that sum says nothing.
  const met = plan.selected + plan.excluded.reduce((sum, { count }) => sum + count, 0);
  const duplicates = form.way === 'names' && form.dbs.length === 1 && form.node === '' ? gathered.lines - met : 0;
  return (
    <>
      <div className={classes['head']}>
        <div className={classes['spring']}>
          <div className={classes['big']} role="status" data-flush={(ready && plan.everything) || undefined}>
            {ready && plan.everything ? 'Flush: ' : ''}
            {exactnessMark(plan.exactness)}
            {unitWords(plan.selected, 'keys')} taken
            {plan.bytes !== null && (
              <span className={classes['dim']} style={{ marginLeft: 8, fontWeight: 400 }}>
                <Bytes value={plan.bytes} exactness={plan.bytesExactness} />
              </span>
            )}
          </div>
          <div className={`${classes['dim']} la-number`}>
            {ready ? `${exactnessWords(plan.exactness)}, of ${formatExact(plan.walked)} walked in ${formatDuration(plan.durationMs)}` : cancelled ? 'cancelled' : stateWords[plan.state as keyof typeof stateWords]}
            {moving && ` · ${ofWords(plan.walked, plan.total)} walked, ${formatRate(plan.rate, 'keys')}`}
            {moving && plan.etaMs !== null && plan.etaMs > 500 && ` · ${formatDuration(Math.ceil(plan.etaMs / 1000) * 1000)} left`}
            {ready && duplicates > 0 && ` · ${formatExact(duplicates)} given more than once`}
            {ready && gathered.blanks > 0 && ` · ${formatExact(gathered.blanks)} blank lines`}
          </div>
          {progress.state === 'taken' ? <div className={classes['dim']}>This is what the run began with.</div> : ready && <Age plan={plan} />}
        </div>
      </div>
      {moving && <Progress value={(share ?? 1) * 100} animated={share === null} size={3} radius={0} aria-label="Progress of the count" />}
    </>
  );
}

/** How old the count is, and until when it can be carried out. */
function Age({ plan }: { plan: InvalidatePlan }) {
  const now = useNow(1000);
  const left = plan.expiresAt === null ? null : plan.expiresAt - now;
  if (left !== null && left <= 0) return <div style={{ color: 'var(--la-amber)', fontSize: 12 }}>Too old to be carried out: count again.</div>;
  return (
    <div className={`${classes['dim']} la-number`}>
      Counted {formatAgo(plan.startedAt + plan.durationMs, now)}
      {left !== null && `, good for ${formatDuration(Math.floor(left / 1000) * 1000)}`}
    </div>
  );
}

function Sample({ plan }: { plan: InvalidatePlan }) {
  if (plan.sample.length === 0) return null;
  return (
    <section aria-label="Some that are taken">
      <h3 className={classes['splitTitle']}>Some that are taken</h3>
      {plan.sample.slice(0, 10).map(({ name }, at) => (
        <div key={at} className="la-cut">
          <WireText value={name} limit={120} />
        </div>
      ))}
    </section>
  );
}
