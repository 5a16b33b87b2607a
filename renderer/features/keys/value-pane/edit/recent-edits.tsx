import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Problem } from '../../../../../shared/contract/errors.ts';
import type { RecentEdit } from '../../../../../shared/contract/edit.ts';
import { formatAgo, formatDateTime } from '../../../../lib/format.ts';
import { useHost } from '../../../../lib/host.ts';
import { useNow } from '../../../../lib/now.ts';
import { toProblem } from '../../../../lib/to-problem.ts';
import { LoadingRows } from '../../../../ui/loading-rows.tsx';
import { WireText } from '../../../../ui/wire-text-view.tsx';
import { useKeysPlace } from '../../keys-context.ts';
import { EditProblem } from './edit-problem.tsx';
import { useEdits } from './edits-context.ts';
import classes from './edit.module.css';

const states: Record<RecentEdit['state'], string> = { planned: 'being sent', applied: 'done', failed: 'not done', undone: 'taken back', unknown: 'outcome unknown' };

/** What was edited on this connection, newest first, with the way back where there is one. */
export function RecentEdits() {
  const { orpc, client } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const edits = useEdits();
  const now = useNow(10_000);
  const [busy, setBusy] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const list = useQuery(orpc.edit.recent.queryOptions({ input: { workspaceId, limit: 100 }, staleTime: 0, gcTime: 0 }));
  const undo = async (edit: RecentEdit) => {
    setBusy(edit.editId);
    setProblem(null);
    try {
      const result = await edits.run({ done: `Taken back: ${edit.summary}`, call: () => client.edit.undo({ workspaceId, editId: edit.editId }), names: edit.db === db ? [edit.name] : [] });
      if (result.outcome === 'conflict' || result.outcome === 'notApplied') setProblem({ code: 'CONFLICT', message: result.reason, hint: 'Look at the key as it is now.', details: {} });
    } catch (error) {
      setProblem(toProblem(error));
    } finally {
      setBusy('');
      await list.refetch();
    }
  };
  if (list.data === undefined) return list.error ? <EditProblem problem={toProblem(list.error)} /> : <LoadingRows rows={5} label="Reading the journal" />;
  if (list.data.length === 0) return <p className={classes['note']}>Nothing was edited on this connection yet. Each edit is listed here, and most can be taken back.</p>;
  return (
    <div className={classes['form']}>
      <EditProblem problem={problem} />
      {/* A scrolling box has to be reachable by keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={classes['recentBox']} tabIndex={0} role="region" aria-label="Edits">
        <table className={classes['recent']}>
          <thead>
            <tr>
              <th>Time</th>
              <th>Database</th>
              <th>Key</th>
              <th>What</th>
              <th>State</th>
              <th aria-label="Undo" />
            </tr>
          </thead>
          <tbody>
            {list.data.map((edit) => (
              <tr key={edit.editId}>
                <td className="la-number" title={formatDateTime(edit.at)}>
                  {formatAgo(edit.at, now)}
                </td>
                <td className="la-number">{edit.db}</td>
                <td>
                  <WireText value={edit.name} limit={60} empty="(empty name)" />
                </td>
                <td>{edit.summary}</td>
                <td className={classes['state']}>{states[edit.state]}</td>
                <td>
                  {edit.state === 'applied' && (
                    <Button variant="default" disabled={!edit.undo.possible || edits.blocked !== ''} title={edit.undo.reason || edits.blocked || undefined} loading={busy === edit.editId} onClick={() => void undo(edit)}>
                      Undo
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
