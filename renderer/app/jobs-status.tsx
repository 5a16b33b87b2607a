import { Button, Progress } from '@mantine/core';
import { IconCheck, IconListCheck, IconPlayerPause, IconPlayerPlay, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { Problem } from '../../shared/contract/errors.ts';
import type { JobSnapshot } from '../../shared/contract/jobs.ts';
import { formatDuration, formatExact, formatRate, formatShare } from '../lib/format.ts';
import { useHost } from '../lib/host.ts';
import { useSnapshotStream } from '../lib/streams.ts';
import { toProblem } from '../lib/to-problem.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { InlineCopy } from '../ui/inline-copy.tsx';
import { ProblemView } from '../ui/problem-view.tsx';
import { tellProblem } from '../ui/tell-problem.ts';
import { StatusItem } from './status-item.tsx';
import classes from './status-bar.module.css';

const live: ReadonlySet<JobSnapshot['state']> = new Set(['queued', 'running', 'paused', 'cancelling']);

const stateWords: Record<JobSnapshot['state'], string> = {
  queued: 'waiting',
  running: 'running',
  paused: 'paused',
  cancelling: 'stopping at the next batch',
  cancelled: 'cancelled',
  failed: 'failed',
  done: 'done',
};

function shareOf(job: JobSnapshot): number | null {
  return job.total === null || job.total === 0 ? null : Math.min(1, job.done / job.total);
}

function progressWords(job: JobSnapshot): string {
  const done = job.total === null ? formatExact(job.done) : `${formatExact(job.done)} of ${formatExact(job.total)}`;
  const parts = [stateWords[job.state], `${done} ${job.unit}`];
  if (job.state === 'running') parts.push(formatRate(job.rate, job.unit));
  if (job.state === 'running' && job.etaMs !== null) parts.push(`~${formatDuration(job.etaMs)} left`);
  if (job.endedAt !== null) parts.push(`took ${formatDuration(job.endedAt - job.startedAt)}`);
  return parts.join(', ');
}

function JobLine({ job }: { job: JobSnapshot }) {
  const { client } = useHost();
  const [problem, setProblem] = useState<Problem | null>(null);
  const act = (verb: 'pause' | 'resume' | 'cancel') => {
    setProblem(null);
    client.jobs[verb]({ jobId: job.jobId }).catch((error: unknown) => setProblem(toProblem(error)));
  };
  const share = shareOf(job);
  const shown = problem ?? job.problem;
  return (
    <div className={classes['job']}>
      <div className={classes['jobLine']}>
        <span className={`${classes['jobTitle']} la-cut`} title={job.title}>
          {job.title}
        </span>
        {job.state === 'running' && <IconButton label={`Pause: ${job.title}`} icon={<IconPlayerPause size={14} />} onClick={() => act('pause')} />}
        {job.state === 'paused' && <IconButton label={`Resume: ${job.title}`} icon={<IconPlayerPlay size={14} />} onClick={() => act('resume')} />}
        {live.has(job.state) && <IconButton label={`Cancel: ${job.title}`} icon={<IconX size={14} />} disabled={job.state === 'cancelling'} onClick={() => act('cancel')} />}
        {job.state === 'done' && <IconCheck size={14} color="var(--la-green)" aria-label="done" />}
      </div>
      {live.has(job.state) && <Progress value={(share ?? 1) * 100} animated={share === null} size={4} aria-label={`Progress of ${job.title}`} />}
      <span className={`${classes['note']} la-number`}>{progressWords(job)}</span>
      {job.file !== null && (
        <div className={classes['jobLine']}>
          <span className={`${classes['jobTitle']} la-mono la-cut`} title={job.file}>
            {job.file}
          </span>
          <InlineCopy text={job.file} label="Copy the path" />
        </div>
      )}
      {shown !== null && shown.code !== 'CANCELLED' && <ProblemView problem={shown} />}
    </div>
  );
}

/** Work that goes on behind the screens, with progress, rate, time left and cancel. */
export function JobsStatus() {
  const { client } = useHost();
  const { snapshot } = useSnapshotStream((signal) => client.jobs.watch(undefined, { signal }), []);
  const jobs = snapshot ?? [];
  if (jobs.length === 0) return null;
  const running = jobs.filter((job) => live.has(job.state));
  const failed = jobs.filter((job) => job.state === 'failed').length;
  const first = running[0];
  const share = first === undefined ? null : shareOf(first);
  const words =
    first === undefined
      ? failed > 0
        ? `${failed} failed`
        : 'Jobs done'
      : running.length > 1
        ? `${running.length} jobs`
        : `${first.title}${share === null ? '' : ` ${formatShare(share)}`}`;
  return (
    <StatusItem
      label={`Jobs: ${words}`}
      tone={failed > 0 ? 'red' : undefined}
      panel={() => (
        <>
          <h2 className={classes['heading']}>Jobs</h2>
          {jobs.map((job) => (
            <JobLine key={job.jobId} job={job} />
          ))}
          {running.length < jobs.length && (
            <Button variant="default" onClick={() => void client.jobs.clear().catch(tellProblem)}>
              Clear ended jobs
            </Button>
          )}
        </>
      )}
    >
      <IconListCheck size={13} aria-hidden />
      <span className="la-number">{words}</span>
      {first !== undefined && share !== null && <Progress className={classes['bar'] ?? ''} value={share * 100} size={4} aria-hidden />}
    </StatusItem>
  );
}
