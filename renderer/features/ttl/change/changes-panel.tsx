import { Button, SegmentedControl } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { IconArrowBackUp, IconEye, IconHistory, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { RunSummary } from '../../../../shared/contract/bulk.ts';
import { liveRuns, remainderWords, unitWords } from '../../../lib/bulk-words.ts';
import { formatAgo, formatBytes, formatDateTime, formatExact } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { useNow } from '../../../lib/now.ts';
import { useSetting } from '../../../lib/settings.ts';
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
  const { openChange, workspaceId, workspaceName } = useTtlPlace();
  const queryClient = useQueryClient();
  const runs = useQuery(orpc.bulk.runs.queryOptions({ refetchInterval: 2000 }));
  const opened = useQuery(orpc.connections.opened.queryOptions({ staleTime: 0 }));
  const [scope, setScope] = useSetting<'here' | 'all'>('ttl.changes.scope', 'here', (value): value is 'here' | 'all' => value === 'here' || value === 'all');
  /** Grows when a run that had ended goes on: it is followed anew. */
  const [round, setRound] = useState(0);
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
  const here = changes.filter((run) => run.workspaceId === workspaceId);
  const listed = scope === 'here' ? here : changes;
  const elsewhere = changes.length - here.length;
  /** Why a run cannot be acted on now; empty when it can. */
  const closed = (run: RunSummary) => (opened.data === undefined || opened.data.includes(run.workspaceId) ? '' : `open the connection ${run.workspaceName} first`);
  return (
    <div className={ttl['panel']}>
      <div className={ttl['bar']} role="group" aria-label="Changes">
        <Button onClick={() => openChange({})}>Change the expiry of keys</Button>
        <SegmentedControl
          size="xs"
          aria-label="Changes of"
          value={scope}
          onChange={(value) => setScope(value === 'all' ? 'all' : 'here')}
          data={[
            { value: 'here', label: `This connection (${formatExact(here.length)})` },
            { value: 'all', label: `All connections (${formatExact(changes.length)})` },
          ]}
        />
        <span className={ttl['fill']} />
        <JournalQuota />
      </div>
      {watched !== null && shown !== undefined && (
        <div style={{ padding: '10px 12px 12px', borderBottom: '1px solid var(--la-line)' }}>
          <RunPanel runId={watched} key={`${watched} ${round}`} begun={round > 0} {...(shown.workspaceId === workspaceId ? {} : { elsewhere: shown })} />
        </div>
      )}
      {listed.length === 0 ? (
        <EmptyState
          icon={<IconHistory size={28} stroke={1.5} />}
          title={elsewhere === 0 ? 'No changes so far' : `No changes on ${workspaceName} so far`}
          actions={
            elsewhere > 0 ? (
              <Button variant="default" onClick={() => setScope('all')}>
                Show {formatExact(elsewhere)} on other connections
              </Button>
            ) : undefined
          }
        >
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
              {listed.map((run) => (
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
                          label={closed(run) === '' ? `Go on: ${run.title}` : `To go on, ${closed(run)}`}
                          disabled={closed(run) !== ''}
                          icon={<IconPlayerPlay size={15} />}
                          onClick={() => {
                            client.bulk.resumeRun({ runId: run.runId }).then(() => {
                              onWatch(run.runId);
                              setRound((before) => before + 1);
                              refresh();
                            }, tellProblem);
                          }}
                        />
                      )}
                      <IconButton
                        label={!run.undoable ? `Cannot be undone: ${run.undoRefusal}` : closed(run) === '' ? `Undo: ${run.title}` : `To undo, ${closed(run)}`}
                        icon={<IconArrowBackUp size={15} />}
                        disabled={!run.undoable || closed(run) !== ''}
                        onClick={() => setUndoing(run)}
                      />
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
          setRound((before) => before + 1);
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
