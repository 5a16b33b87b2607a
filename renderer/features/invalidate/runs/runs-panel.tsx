import { useQuery, useQueryClient } from '@tanstack/react-query';
import { IconArrowBackUp, IconHistory, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { RunSummary } from '../../../../shared/contract/bulk.ts';
import { liveRuns, remainderWords, unitWords } from '../../../lib/bulk-words.ts';
import { formatAgo, formatBytes, formatDateTime, formatExact } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { useNow } from '../../../lib/now.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { JournalQuota } from '../../../ui/bulk/journal-quota.tsx';
import { RunStateBadge } from '../../../ui/bulk/run-state-badge.tsx';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { IconButton } from '../../../ui/icon-button.tsx';
import { LoadingRows } from '../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { Split } from '../../../ui/split.tsx';
import { tellProblem } from '../../../ui/tell-problem.ts';
import { RunView } from '../run/run-view.tsx';
import { isInvalidation } from '../words.ts';
import { UndoDialog } from './undo-dialog.tsx';
import classes from '../invalidate.module.css';

interface RunsPanelProps {
  picked: string | null;
  onPick: (runId: string | null) => void;
}

/** Invalidations with a journal on this machine: what they did, going on, the way back. */
export function RunsPanel({ picked, onPick }: RunsPanelProps) {
  const { orpc } = useHost();
  const runs = useQuery(orpc.bulk.runs.queryOptions({ refetchInterval: 2000 }));
  if (runs.data === undefined) {
    return runs.error === null ? <LoadingRows rows={6} label="Reading the journals" /> : <ProblemView problem={toProblem(runs.error)} onRetry={() => void runs.refetch()} fills />;
  }
  const own = runs.data.filter(({ kind }) => isInvalidation(kind));
  const shown = own.some(({ runId }) => runId === picked) ? picked : null;
  const table = (
    <div className={classes['panel']}>
      <div className={classes['strip']} role="group" aria-label="Runs">
        <span className={classes['dim']}>{own.length === 0 ? '' : `${formatExact(own.length)} with a journal on this machine`}</span>
        <span className={classes['spring']} />
        <JournalQuota />
      </div>
      {own.length === 0 ? (
        <EmptyState icon={<IconHistory size={28} stroke={1.5} />} title="No invalidations so far">
          Each one keeps a journal on this machine from which it can be undone and, after a crash, gone on with. It appears here when it begins.
        </EmptyState>
      ) : (
        <RunsTable runs={own} picked={shown} onPick={onPick} />
      )}
    </div>
  );
  if (shown === null) return table;
  return (
    <Split
      name="invalidate.runs"
      panes={[
        { id: 'runs', label: 'runs', size: 64, minSize: '420px', children: table },
        { id: 'run', label: 'run', size: 36, minSize: '320px', children: <RunView key={shown} runId={shown} /> },
      ]}
    />
  );
}

function RunsTable({ runs, picked, onPick }: { runs: readonly RunSummary[] } & RunsPanelProps) {
  const { client, orpc } = useHost();
  const queryClient = useQueryClient();
  const [undoing, setUndoing] = useState<RunSummary | null>(null);
  const [forgetting, setForgetting] = useState<RunSummary | null>(null);
  const now = useNow(10_000);
  const refresh = () => void queryClient.invalidateQueries({ queryKey: orpc.bulk.key() });
  return (
    <div className={classes['scroll']} tabIndex={0} role="region" aria-label="Runs so far">
      <table className={classes['table']}>
        <thead>
          <tr>
            <th>Invalidation</th>
            <th>On</th>
            <th>State</th>
            <th data-number>Done</th>
            <th>Remainder</th>
            <th>When</th>
            <th data-number>Journal</th>
            <th aria-label="Actions" />
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.runId} data-picked={run.runId === picked || undefined} onClick={() => onPick(run.runId === picked ? null : run.runId)}>
              <td className={classes['cellName']}>
                <button
                  type="button"
                  className={`${classes['link']} la-cut`}
                  title={run.title}
                  aria-pressed={run.runId === picked}
                  onClick={(event) => {
                    event.stopPropagation();
                    onPick(run.runId === picked ? null : run.runId);
                  }}
                >
                  {run.title}
                </button>
              </td>
              <td>
                {run.workspaceName} db {run.db}
              </td>
              <td>
                <RunStateBadge run={run} />
              </td>
              <td data-number>
                {formatExact(run.changed)} of {unitWords(run.total, run.unit)}
              </td>
              <td>{remainderWords(run)}</td>
              <td title={formatDateTime(run.startedAt)}>{formatAgo(run.startedAt, now)}</td>
              <td data-number title={run.cut ? 'The end of the journal is unreadable; what stands before it is whole' : undefined}>
                {formatBytes(run.bytes)}
                {run.cut && ' (cut)'}
              </td>
              <td>
                <div className={classes['row']} style={{ gap: 2 }}>
                  {run.resumable && (
                    <IconButton
                      label={`Go on: ${run.title}`}
                      icon={<IconPlayerPlay size={15} />}
                      onClick={() => {
                        client.bulk.resumeRun({ runId: run.runId }).then(() => {
                          onPick(run.runId);
                          refresh();
                        }, tellProblem);
                      }}
                    />
                  )}
                  <IconButton label={run.undoable ? `Undo: ${run.title}` : `Cannot be undone: ${run.undoRefusal}`} icon={<IconArrowBackUp size={15} />} disabled={!run.undoable} onClick={() => setUndoing(run)} />
                  <IconButton label={`Forget: ${run.title}`} icon={<IconTrash size={15} />} disabled={liveRuns.has(run.state)} onClick={() => setForgetting(run)} />
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <UndoDialog
        run={undoing}
        onClose={() => setUndoing(null)}
        onUndo={() => {
          onPick(undoing?.runId ?? null);
          refresh();
        }}
      />
      <ConfirmDialog
        opened={forgetting !== null}
        onClose={() => setForgetting(null)}
        title="Forget an invalidation"
        confirmLabel="Remove its journal"
        danger
        onConfirm={async () => {
          if (forgetting !== null) await client.bulk.forgetRun({ runId: forgetting.runId });
          if (forgetting?.runId === picked) onPick(null);
          refresh();
        }}
      >
        “{forgetting?.title}” cannot be undone or gone on with any more. The keys stay as they are.
      </ConfirmDialog>
    </div>
  );
}
