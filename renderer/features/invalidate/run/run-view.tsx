import { Button, Progress } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { IconArrowBackUp, IconHandStop, IconPlayerPause, IconPlayerPlay, IconX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { RunPace, RunSnapshot } from '../../../../shared/contract/bulk.ts';
import type { Problem } from '../../../../shared/contract/errors.ts';
import { liveRuns, ofWords, runStateWords, unitWords } from '../../../lib/bulk-words.ts';
import { formatBytes, formatDuration, formatExact, formatRate, formatShare } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { useSnapshotStream } from '../../../lib/streams.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { RunRemainder } from '../../../ui/bulk/run-remainder.tsx';
import { LoadingRows } from '../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { UndoDialog } from '../runs/undo-dialog.tsx';
import { Notice } from '../step.tsx';
import { changedWords } from '../words.ts';
import { HitRateChart } from './hit-rate-chart.tsx';
import { PaceFields } from './pace-fields.tsx';
import { paceWords } from './pace.ts';
import { StageCard } from './stage-card.tsx';
import classes from '../invalidate.module.css';

const phaseWords: Record<RunSnapshot['phase'], string> = { canary: 'the first keys', waiting: 'waiting and looking', holding: 'holding back', running: 'running' };

/** One run or undo: how far it is and what it does just now, its limits, what it left and why, and the way back. */
export function RunView({ runId }: { runId: string }) {
  const { client, orpc } = useHost();
  const queryClient = useQueryClient();
  const [round, setRound] = useState(0);
  const stream = useSnapshotStream<RunSnapshot>((signal) => client.bulk.watchRun({ runId }, { signal }), [client, runId, round]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [undoing, setUndoing] = useState(false);
  const run = stream.snapshot;
  const state = run?.state ?? null;
  useEffect(() => {
    // What the lists of runs say changes with the state.
    void queryClient.invalidateQueries({ queryKey: orpc.bulk.key() });
  }, [queryClient, orpc, state]);
  const act = (call: Promise<unknown>) => {
    setProblem(null);
    call.catch((error: unknown) => setProblem(toProblem(error)));
  };
  const again = (call: Promise<unknown>) => {
    act(call.then(() => setRound((before) => before + 1)));
  };
  if (run === null) {
    return <div className={classes['body']}>{stream.problem === null ? <LoadingRows rows={5} label="Following the run" /> : <ProblemView problem={stream.problem} onRetry={stream.restart} />}</div>;
  }
  const live = liveRuns.has(run.state);
  const resumable = !run.undo && (run.state === 'cancelled' || run.state === 'failed' || run.state === 'interrupted') && run.done < run.total;
  return (
    <div className={classes['step']} role="region" aria-label="Run details">
      <RunHead run={run} live={live} />
      <div className={classes['body']} tabIndex={0} role="region" aria-label="What the run does">
        <Holding run={run} live={live} />
        <StageCard run={run} live={live} onDecide={(decision) => act(client.invalidate.stage({ runId, decision }))} />
        <HitRateChart run={run} />
        <Equation run={run} />
        {run.byNode.length > 1 && <Nodes run={run} />}
        {live && <LivePace run={run} onPace={(pace) => act(client.invalidate.setPace({ runId, pace }))} />}
        <div style={{ margin: '0 -12px' }}>
          <RunRemainder run={run} />
        </div>
        {run.problem !== null && run.problem.code !== 'CANCELLED' && <ProblemView problem={run.problem} />}
        {stream.problem !== null && <ProblemView problem={stream.problem} onRetry={stream.restart} tone="warning" />}
        {problem !== null && <ProblemView problem={problem} />}
      </div>
      <div className={classes['foot']}>
        <RunButtons run={run} live={live} onAct={act} />
        {resumable && (
          <Button variant="default" leftSection={<IconPlayerPlay size={14} />} onClick={() => again(client.bulk.resumeRun({ runId }))}>
            Go on
          </Button>
        )}
        {!live && run.keepsUndo && run.changed > 0 && !run.undo && (
          <Button variant="default" leftSection={<IconArrowBackUp size={14} />} onClick={() => setUndoing(true)}>
            Undo {unitWords(run.changed, run.unit)}…
          </Button>
        )}
        {!live && !run.keepsUndo && <span className={classes['dim']}>This run kept nothing for an undo.</span>}
      </div>
      <UndoDialog run={undoing ? { runId, title: run.title, kind: run.kind } : null} onClose={() => setUndoing(false)} onUndo={() => setRound((before) => before + 1)} />
    </div>
  );
}

function RunHead({ run, live }: { run: RunSnapshot; live: boolean }) {
  const share = run.total === 0 ? 1 : Math.min(1, run.done / run.total);
  return (
    <>
      <div className={classes['head']}>
        <div className={classes['spring']}>
          <div className={classes['big']} role="status" aria-label="Run">
            {run.undo ? 'Undo: ' : ''}
            {changedWords(run)}, {run.state === 'running' ? phaseWords[run.phase] : runStateWords[run.state]}
          </div>
          <div className={classes['words']}>{run.title}</div>
          <div className={`${classes['words']} la-number`} style={{ whiteSpace: 'normal' }}>
            {ofWords(run.done, run.total)} done ({formatShare(share)})
            {live && ` · ${formatRate(run.rate, run.unit)}`}
            {live && run.etaMs !== null && run.etaMs > 500 && ` · ${formatDuration(Math.ceil(run.etaMs / 1000) * 1000)} left`}
            {run.endedAt !== null && ` · took ${formatDuration(run.endedAt - run.startedAt)}`}
            {` · journal ${formatBytes(run.journalBytes)}`}
          </div>
        </div>
      </div>
      <Progress value={share * 100} size={4} radius={0} color={run.state === 'failed' ? 'red' : 'accent'} aria-label="Progress of the run" />
    </>
  );
}

/** Why it holds back just now, with the numbers. */
function Holding({ run, live }: { run: RunSnapshot; live: boolean }) {
  const { holding } = run;
  if (!live || holding === null) return null;
  const [value, limit] = holding.because === 'latency' ? [formatDuration(holding.value), formatDuration(holding.limit)] : [formatShare(holding.value), formatShare(holding.limit)];
  return (
    <Notice tone="amber" icon={<IconHandStop size={15} aria-hidden />} title="Holding back">
      {holding.because === 'latency' ? `A PING takes ${value}, over the ${limit} that are allowed.` : `The hit rate of the others is ${value}, under the floor of ${limit}.`} For {formatDuration(Math.max(1000, Math.floor((Date.now() - holding.since) / 1000) * 1000))} now.
    </Notice>
  );
}

/** The counts, which add up. */
function Equation({ run }: { run: RunSnapshot }) {
  const left = run.left.reduce((sum, { count }) => sum + count, 0);
  const failed = run.failed.reduce((sum, { count }) => sum + count, 0);
  return (
    <div className={`${classes['equation']} la-number`} role="group" aria-label="Counts">
      <strong>{formatExact(run.total)} in all</strong>
      <span>=</span>
      <span>{changedWords(run)}</span>
      <span>+ {formatExact(left)} left as they are</span>
      <span style={failed > 0 ? { color: 'var(--la-red)' } : undefined}>+ {formatExact(failed)} failed</span>
      <span>+ {formatExact(Math.max(0, run.total - run.done))} to do</span>
    </div>
  );
}

function Nodes({ run }: { run: RunSnapshot }) {
  return (
    <section aria-label="By node">
      <h3 className={classes['splitTitle']}>By node</h3>
      <div className={classes['stack']} style={{ gap: 4 }}>
        {run.byNode.map(({ node, total, done, changed }) => (
          <div key={node}>
            <div className={`${classes['row']} ${classes['dim']}`}>
              <span className={`${classes['spring']} la-cut`}>{node}</span>
              <span className="la-number">
                {formatExact(changed)} changed, {ofWords(done, total)} done
              </span>
            </div>
            <Progress value={total === null || total === 0 ? 100 : Math.min(100, (done / total) * 100)} size={3} aria-label={`Progress of ${node}`} />
          </div>
        ))}
      </div>
    </section>
  );
}

/** The limits in force, and others for the rest of the run. */
function LivePace({ run, onPace }: { run: RunSnapshot; onPace: (pace: RunPace) => void }) {
  const [draft, setDraft] = useState<RunPace | null>(null);
  return (
    <fieldset className={classes['part']}>
      <legend className={classes['legend']}>Pace</legend>
      <div className={classes['row']}>
        <p className={`${classes['words']} ${classes['spring']}`}>Goes {paceWords(run.pace)}.</p>
        <Button variant="subtle" color="gray" size="compact-xs" aria-expanded={draft !== null} onClick={() => setDraft(draft === null ? run.pace : null)}>
          {draft === null ? 'Change…' : 'Leave it'}
        </Button>
      </div>
      {draft !== null && (
        <>
          <PaceFields pace={draft} onChange={setDraft} />
          <Button
            variant="default"
            onClick={() => {
              onPace(draft);
              setDraft(null);
            }}
          >
            Go on at this pace
          </Button>
        </>
      )}
    </fieldset>
  );
}

function RunButtons({ run, live, onAct }: { run: RunSnapshot; live: boolean; onAct: (call: Promise<unknown>) => void }) {
  const { client } = useHost();
  const { jobId } = run;
  if (!live || jobId === null) return null;
  return (
    <>
      {run.state === 'paused' ? (
        <Button variant="default" leftSection={<IconPlayerPlay size={14} />} onClick={() => onAct(client.jobs.resume({ jobId }))}>
          Resume
        </Button>
      ) : (
        <Button variant="default" leftSection={<IconPlayerPause size={14} />} disabled={run.state === 'cancelling'} onClick={() => onAct(client.jobs.pause({ jobId }))}>
          Pause
        </Button>
      )}
      <Button variant="default" leftSection={<IconX size={14} />} disabled={run.state === 'cancelling'} onClick={() => onAct(client.jobs.cancel({ jobId }))}>
        Cancel the run
      </Button>
      <span className={classes['dim']}>It goes on when you leave.</span>
    </>
  );
}
