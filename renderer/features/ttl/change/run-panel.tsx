import { Button, Group, Progress } from '@mantine/core';
import { IconArrowBackUp, IconPlayerPause, IconPlayerPlay, IconX } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { RunFailure, RunSnapshot, RunSummary } from '../../../../shared/contract/bulk.ts';
import type { Problem } from '../../../../shared/contract/errors.ts';
import { formatBytes, formatDuration, formatExact, formatRate, formatShare } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { useSnapshotStream } from '../../../lib/streams.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { LoadingRows } from '../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { WireText } from '../../../ui/wire-text-view.tsx';
import { ofWords } from './change-fields.tsx';
import { leftWords, liveRuns, runStateWords, unitWords } from './change-words.ts';
import { RateField } from './rate-field.tsx';
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

function RunRemainder({ run }: { run: RunSnapshot }) {
  const { client } = useHost();
  const [failures, setFailures] = useState<readonly RunFailure[]>([]);
  const failed = run.failed.reduce((sum, { count }) => sum + count, 0);
  const { runId } = run;
  useEffect(() => {
    if (failed === 0) return undefined;
    let left = false;
    client.bulk.failures({ runId }).then(
      (found) => {
        if (!left) setFailures(found);
      },
      // The counts by reason stand beside; the names of another session's run are not kept.
      () => undefined,
    );
    return () => {
      left = true;
    };
  }, [client, runId, failed]);
  const left = run.left.filter(({ count }) => count > 0);
  if (left.length === 0 && failed === 0) return null;
  return (
    <div className={classes['grid']}>
      {left.length > 0 && (
        <div className={classes['block']}>
          <h3 className={classes['blockTitle']}>Left as they are</h3>
          <table className={classes['lines']}>
            <tbody>
              {left.map(({ reason, count }) => (
                <tr key={reason}>
                  <th scope="row">{leftWords[reason]}</th>
                  <td data-number>{formatExact(count)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {failed > 0 && (
        <div className={classes['block']}>
          <h3 className={classes['blockTitle']}>Failed</h3>
          <table className={classes['lines']}>
            <tbody>
              {run.failed.map(({ code, message, count }) => (
                <tr key={`${code} ${message}`}>
                  <th scope="row">{message}</th>
                  <td data-number>{formatExact(count)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {failures.slice(0, 20).map((failure, at) => (
            <div key={at} className="la-mono la-cut" title={failure.message}>
              <WireText value={failure.name} limit={120} />
            </div>
          ))}
          {failures.length > 20 && <div className={classes['dim']}>and {formatExact(failures.length - 20)} more</div>}
        </div>
      )}
    </div>
  );
}
