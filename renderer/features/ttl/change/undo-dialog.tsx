import { Checkbox } from '@mantine/core';
import { useState } from 'react';
import type { RunSummary } from '../../../../shared/contract/bulk.ts';
import { unitWords } from '../../../lib/bulk-words.ts';
import { useHost } from '../../../lib/host.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import classes from './change.module.css';

interface UndoDialogProps {
  /** `workspaceName`: where the run was, which need not be what is on the screen. */
  run: Pick<RunSummary, 'runId' | 'changed' | 'unit' | 'title' | 'workspaceName'> | null;
  onClose: () => void;
  onUndo: () => void;
}

/** Says what an undo does before it does it. */
export function UndoDialog({ run, onClose, onUndo }: UndoDialogProps) {
  const { client } = useHost();
  const [force, setForce] = useState(false);
  const [expirePast, setExpirePast] = useState(false);
  if (run === null) return null;
  const what = unitWords(run.changed, run.unit);
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title="Undo a change of expiry"
      confirmLabel={`Restore the expiry of ${what} on ${run.workspaceName}`}
      danger={force || expirePast}
      onConfirm={async () => {
        await client.bulk.undoTtl({ runId: run.runId, force, expirePast });
        onUndo();
      }}
    >
      <p className={classes['words']}>
        Gives {what} the expiry back that they had before “{run.title}”, to the millisecond; those that had none lose theirs again.
      </p>
      <div className={classes['run']} style={{ marginTop: 12 }}>
        <Checkbox label="Also where someone changed the expiry since" checked={force} onChange={(event) => setForce(event.currentTarget.checked)} />
        <Checkbox label={`Let ${run.unit} go whose earlier expiry is past by now`} checked={expirePast} onChange={(event) => setExpirePast(event.currentTarget.checked)} />
      </div>
    </ConfirmDialog>
  );
}
