import { Button } from '@mantine/core';
import { IconFlask } from '@tabler/icons-react';
import type { RunSnapshot } from '../../../../shared/contract/bulk.ts';
import { formatDuration, formatExact, formatShare } from '../../../lib/format.ts';
import { useNow } from '../../../lib/now.ts';
import { Notice } from '../step.tsx';
import classes from '../invalidate.module.css';

type Stage = NonNullable<RunSnapshot['stage']>;

function titleOf(stage: Stage, live: boolean): string {
  const who = stage.decidedBy === 'person' ? 'by a person' : 'by itself';
  if (stage.decision === 'go-on') return `Went on after the first keys, ${who}`;
  if (stage.decision === 'stop') return `Stopped after the first keys, ${who}`;
  if (stage.decision === 'ask') return 'The first keys are done: go on?';
  return live ? 'The first keys go alone' : 'Ended among the first keys';
}

/** The first step of a staged run: how far it is, what the hit rate did, and who decides. */
export function StageCard({ run, live, onDecide }: { run: RunSnapshot; live: boolean; onDecide: (decision: 'go-on' | 'stop') => void }) {
  const now = useNow(live ? 500 : null);
  const { stage } = run;
  if (stage === null) return null;
  const left = stage.waitUntil === null ? null : stage.waitUntil - now;
  const open = live && (stage.decision === 'ask' || stage.decision === 'pending');
  return (
    <Notice tone={stage.decision === 'ask' ? 'amber' : stage.decision === 'stop' ? 'red' : 'plain'} icon={<IconFlask size={15} aria-hidden />} title={titleOf(stage, live)}>
      <div role="status" aria-label="Stage">
        {formatExact(stage.done)} of {formatExact(stage.canary)} first keys done
        {run.phase === 'waiting' && stage.decision === 'pending' && left !== null && left > 0 && `, looking for ${formatDuration(Math.ceil(left / 1000) * 1000)} more`}
        {stage.hitRateBefore !== null && `. Hit rate ${formatShare(stage.hitRateBefore)} before`}
        {stage.hitRateBefore !== null && stage.hitRateNow !== null && `, ${formatShare(stage.hitRateNow)} now`}
        {`. A drop of ${formatExact(Math.round(stage.hitRateDropMax * 1000) / 10)} points is borne.`}
      </div>
      {open && (run.phase === 'waiting' || stage.decision === 'ask') && (
        <div className={classes['row']} style={{ marginTop: 6 }}>
          <Button size="compact-xs" onClick={() => onDecide('go-on')}>
            Go on with the rest
          </Button>
          <Button size="compact-xs" variant="default" onClick={() => onDecide('stop')}>
            Stop here
          </Button>
        </div>
      )}
    </Notice>
  );
}
