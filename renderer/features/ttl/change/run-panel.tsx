import { Button, Group, Progress } from '@mantine/core';
import { IconArrowBackUp, IconPlayerPause, IconPlayerPlay, IconX } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { RunSnapshot, RunSummary } from '../../../../shared/contract/bulk.ts';
import type { Problem } from '../../../../shared/contract/errors.ts';
import { liveRuns, ofWords, runStateWords, unitWords } from '../../../lib/bulk-words.ts';
import { formatBytes, formatDuration, formatRate, formatShare } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { useSnapshotStream } from '../../../lib/streams.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { RateField } from '../../../ui/bulk/rate-field.tsx';
import { RunRemainder } from '../../../ui/bulk/run-remainder.tsx';
import { LoadingRows } from '../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { useTtlPlace } from '../ttl-place.ts';
import { UndoDialog } from './undo-dialog.tsx';
import classes from './change.module.css';

interface RunPanelProps {
  runId: string;
  /** Where it runs, when that is not the workspace on the screen. */
  elsewhere?: Pick<RunSummary, 'workspaceName'>;
  /** It was begun just now, so its end is news even if it came before this panel. */
  begun?: boolean;
  /** Missing where the panel is no dialog. */
  onClose?: () => void;
}

/** A run under way or just ended: how far it is, its limit, what it left and why, and the way back. */
export function RunPanel({ runId, elsewhere, begun = false, onClose }: RunPanelProps) {
  const { client } = useHost();
  const [round, setRound] = useState(0);
  const openedAt = useRef(Date.now());
  const stream = useSnapshotStream<RunSnapshot>((signal) => client.bulk.watchRun({ runId }, { signal }), [client, runId, round]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [undoing, setUndoing] = useState(false);
  const run = stream.snapshot;
  const { onChanged, workspaceName } = useTtlPlace();
  const here = elsewhere === undefined;
  const ended = run !== null && !liveRuns.has(run.state) && run.changed > 0 ? run.endedAt : null;
  useEffect(() => {
    // One that had ended before this panel opened is no news.
    if (here && ended !== null && (begun || ended > openedAt.current)) onChanged();
  }, [here, begun, ended, onChanged]);
  const act = (call: Promise<unknown>) => {
    setProblem(null);
    call.catch((error: unknown) => setProblem(toProblem(error)));
  };
  if (run === null) return stream.problem === null ? <LoadingRows rows={5} label="Following the run" /> : <ProblemView problem={stream.problem} onRetry={stream.restart} />;
  const live = liveRuns.has(run.state);
  const stopped = !live && !run.undo && run.state !== 'done' && run.done < run.total;
  const { jobId } = run;
  const share = run.total === 0 ? 1 : Math.min(1, run.done / run.total);
  return (
    <div className={classes['run']} role="region" aria-label="Run">
      <div className={classes['head']}>
        <div className={classes['spring']}>
          <div className={classes['big']} role="status">
            {run.undo ? 'Undo: ' : ''}
            {unitWords(run.changed, run.unit)} {run.undo ? 'restored' : 'changed'}, {runStateWords[run.state]}
          </div>
          <div className={`${classes['dim']} la-number`}>
            {run.title} · {ofWords(run.done, run.total)} done ({formatShare(share)})
            {live && run.state !== 'paused' && ` · ${formatRate(run.rate, run.unit)}`}
            {live && run.state !== 'paused' && run.etaMs !== null && run.etaMs > 500 && ` · ${formatDuration(Math.ceil(run.etaMs / 1000) * 1000)} left`}
            {run.endedAt !== null && ` · took ${formatDuration(run.endedAt - run.startedAt)}`}
            {` · journal ${formatBytes(run.journalBytes)}`}
          </div>
        </div>
      </div>
      <Progress value={share * 100} size={4} color={run.state === 'failed' ? 'red' : 'accent'} aria-label="Progress of the run" />
      <RunRemainder run={run} />
      {run.problem !== null && run.problem.code !== 'CANCELLED' && <ProblemView problem={run.problem} />}
      {stream.problem !== null && <ProblemView problem={stream.problem} onRetry={stream.restart} tone="warning" />}
      {problem !== null && <ProblemView problem={problem} />}
      <Group gap={8} align="flex-end">
        {live && <RateField label="Speed limit" value={run.keysPerSecond} unit={run.unit} onChange={(keysPerSecond) => act(client.bulk.setRate({ runId, keysPerSecond }))} />}
        <span className={classes['spring']} />
        {live && jobId !== null && run.state !== 'paused' && run.state !== 'cancelling' && (
          <Button variant="default" leftSection={<IconPlayerPause size={14} />} onClick={() => act(client.jobs.pause({ jobId }))}>
            Pause
          </Button>
        )}
        {live && jobId !== null && run.state === 'paused' && (
          <Button variant="default" leftSection={<IconPlayerPlay size={14} />} onClick={() => act(client.jobs.resume({ jobId }))}>
            Resume
          </Button>
        )}
        {live && jobId !== null && (
          <Button variant="default" leftSection={<IconX size={14} />} disabled={run.state === 'cancelling'} onClick={() => act(client.jobs.cancel({ jobId }))}>
            Cancel the run
          </Button>
        )}
        {stopped && (
          <Button
            variant="default"
            leftSection={<IconPlayerPlay size={14} />}
            onClick={() => act(client.bulk.resumeRun({ runId }).then(() => setRound((before) => before + 1)))}
          >
            Go on with {unitWords(run.total - run.done, run.unit)}
          </Button>
        )}
        {!live && !run.undo && run.changed > 0 && (
          <Button variant="default" leftSection={<IconArrowBackUp size={14} />} onClick={() => setUndoing(true)}>
            Undo {unitWords(run.changed, run.unit)}
          </Button>
        )}
        {onClose !== undefined && (
          <Button data-autofocus onClick={onClose}>
            {!live ? 'Close' : run.state === 'paused' ? 'Close, the run stays paused' : 'Close, the run goes on'}
          </Button>
        )}
      </Group>
      <UndoDialog
        run={undoing ? { runId, changed: run.changed, unit: run.unit, title: run.title, workspaceName: elsewhere?.workspaceName ?? workspaceName } : null}
        onClose={() => setUndoing(false)}
        onUndo={() => setRound((before) => before + 1)}
      />
    </div>
  );
}
