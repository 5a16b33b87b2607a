import type { RunSummary } from '../../../shared/contract/bulk.ts';
import { liveRuns, runStateWords } from '../../lib/bulk-words.ts';
import { formatDateTime, formatExact } from '../../lib/format.ts';
import { Badge } from '../badge.tsx';
import classes from './bulk.module.css';

/** How a run stands, or that it was undone. */
export function RunStateBadge({ run }: { run: RunSummary }) {
  const { undone } = run;
  if (undone !== null) {
    return (
      <span title={`${formatExact(undone.restored)} restored ${formatDateTime(undone.at)}`}>
        <Badge tone="accent">{undone.complete ? 'undone' : 'partly undone'}</Badge> <span className={classes['dim']}>{formatExact(undone.restored)} restored</span>
      </span>
    );
  }
  const tone = run.state === 'done' ? 'green' : run.state === 'failed' ? 'red' : liveRuns.has(run.state) ? 'accent' : 'amber';
  return <Badge tone={tone}>{runStateWords[run.state]}</Badge>;
}
