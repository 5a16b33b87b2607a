import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { IconArrowBackUp, IconEye, IconHistory, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
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
import { tellProblem } from '../../../ui/tell-problem.ts';
import { useTtlPlace } from '../ttl-place.ts';
import { RunPanel } from './run-panel.tsx';
import { UndoDialog } from './undo-dialog.tsx';
import ttl from '../ttl.module.css';
import classes from './change.module.css';

/** Runs with a journal on this machine: what they did, and the way back. */
export function ChangesPanel({ watched, onWatch }: { watched: string | null; onWatch: (runId: string | null) => void }) {
  const { client, orpc } = useHost();
  const { openChange } = useTtlPlace();
  const queryClient = useQueryClient();
  const runs = useQuery(orpc.bulk.runs.queryOptions({ refetchInterval: 2000 }));
  const [undoing, setUndoing] = useState<RunSummary | null>(null);
  const [forgetting, setForgetting] = useState<RunSummary | null>(null);
  const now = useNow(10_000);
  const refresh = () => void queryClient.invalidateQueries({ queryKey: orpc.bulk.key() });
  if (runs.data === undefined) {
    return runs.error === null ? <LoadingRows rows={6} label="Reading the journals" /> : <ProblemView problem={toProblem(runs.error)} onRetry={() => void runs.refetch()} fills />;
  }
  // Deletions have a screen of their own, with their own undo.
  const changes = runs.data.filter(({ kind }) => kind === 'ttl' || kind === 'field-ttl');
  const shown = changes.find(({ runId }) => runId === watched);
  return (
    <div className={ttl['panel']}>
      <div className={ttl['bar']} role="group" aria-label="Changes">
        <Button onClick={() => openChange({})}>Change the expiry of keys</Button>
        <span className={ttl['fill']} />
        <JournalQuota />
      </div>
      {watched !== null && shown !== undefined && (
        <div style={{ padding: '0 12px 12px', borderBottom: '1px solid var(--la-line)' }}>
          <RunPanel runId={watched} key={watched} />
        </div>
      )}
      {changes.length === 0 ? (
        <EmptyState icon={<IconHistory size={28} stroke={1.5} />} title="No changes so far">
          Each change of many expiries keeps a journal of the earlier ones on this machine, from which it can be undone. It appears here when it begins.
        </EmptyState>
      ) : (
        <div className={ttl['scroll']} tabIndex={0} role="region" aria-label="Changes so far">
          <table className={ttl['table']}>
            <thead>
              <tr>
                <th>Change</th>
                <th>On</th>
                <th>State</th>
                <th data-number>Changed</th>
                <th>Remainder</th>
                <th>When</th>
                <th data-number>Journal</th>
                <th aria-label="Actions" />
              </tr>
            </thead>
            <tbody>
              {changes.map((run) => (
                <tr key={run.runId}>
                  <td className={ttl['name']} style={{ maxWidth: 0 }}>
                    <div className="la-cut" title={run.title}>
                      {run.title}
                    </div>
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
                    <div className={classes['runLine']} style={{ gap: 2 }}>
                      <IconButton label={`Show: ${run.title}`} icon={<IconEye size={15} />} pressed={watched === run.runId} onClick={() => onWatch(watched === run.runId ? null : run.runId)} />
                      {run.resumable && (
                        <IconButton
                          label={`Go on: ${run.title}`}
                          icon={<IconPlayerPlay size={15} />}
                          onClick={() => {
                            client.bulk.resumeRun({ runId: run.runId }).then(() => {
                              onWatch(run.runId);
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
        </div>
      )}
      <UndoDialog
        run={undoing}
        onClose={() => setUndoing(null)}
        onUndo={() => {
          onWatch(undoing?.runId ?? null);
          refresh();
        }}
      />
      <ConfirmDialog
        opened={forgetting !== null}
        onClose={() => setForgetting(null)}
        title="Forget a change"
        confirmLabel="Remove its journal"
        danger
        onConfirm={async () => {
          if (forgetting !== null) await client.bulk.forgetRun({ runId: forgetting.runId });
          if (forgetting?.runId === watched) onWatch(null);
          refresh();
        }}
      >
        “{forgetting?.title}” cannot be undone or resumed any more. The keys stay as they are.
      </ConfirmDialog>
    </div>
  );
}
