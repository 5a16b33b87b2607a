import { Button, Checkbox, Group } from '@mantine/core';
import { useState } from 'react';
import type { WireBytes } from '../../../../../shared/bytes.ts';
import type { KeyFacts } from '../../../../../shared/contract/values.ts';
import { formatBytes, formatDuration, plural } from '../../../../lib/format.ts';
import { useHost } from '../../../../lib/host.ts';
import { wireLabel } from '../../../../lib/wire-text.ts';
import { LoadingRows } from '../../../../ui/loading-rows.tsx';
import { useKeysPlace } from '../../keys-context.ts';
import { AboutKey } from './about-key.tsx';
import { EditProblem } from './edit-problem.tsx';
import { useEdits } from './edits-context.ts';
import { useFacts } from './use-facts.ts';
import { useSubmit } from './use-submit.ts';
import classes from './edit.module.css';

function whatIs({ type, length, ttlMs, memoryBytes }: KeyFacts): string {
  const size = length === null ? '' : type === 'string' ? `, ${formatBytes(length)}` : `, ${plural(length, 'element')}`;
  const memory = memoryBytes === null ? '' : `, ${formatBytes(memoryBytes)} of memory`;
  return `A ${type}${size}${memory}, ${ttlMs === null ? 'no expiry' : `expires in ${formatDuration(ttlMs)}`}.`;
}

/** Asks before a key is deleted: on production, and where it cannot be kept for undo. */
export function RemoveForm({ name, known, onClose }: { name: WireBytes; known: KeyFacts | null; onClose: () => void }) {
  const { client } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const edits = useEdits();
  const { facts, problem: unread } = useFacts(name, known);
  const [forGood, setForGood] = useState(false);
  const { busy, problem, conflict, submit } = useSubmit(onClose);
  if (facts === null) return unread === null ? <LoadingRows rows={3} label="Reading the key" /> : <EditProblem problem={unread} />;
  const unkept = problem?.code === 'LIMIT_EXCEEDED';
  const remove = () => {
    const label = wireLabel(name, 60);
    void submit({
      done: `Deleted ${label}`,
      call: () => client.edit.remove({ workspaceId, db, name, expect: { type: facts.type, length: facts.length }, withoutUndo: forGood }),
      names: [name],
      reopen: name,
    });
  };
  return (
    <div className={classes['form']}>
      <p className={classes['about']}>
        This key is deleted from <strong>{edits.workspaceName}</strong>
        {edits.production ? ', a production connection' : ''}, database {db}. It is kept for undo.
      </p>
      <AboutKey name={name} />
      <p className={classes['note']}>{whatIs(facts)}</p>
      {conflict !== null && (
        <div className={classes['conflict']} role="alert">
          <h3>{conflict.reason}</h3>
          <p>Nothing was deleted. Close this, read the key again, and decide then.</p>
        </div>
      )}
      <EditProblem problem={problem} />
      {(unkept || forGood) && (
        <Checkbox color="red" label={`Delete it for good: it cannot be brought back`} checked={forGood} onChange={(event) => setForGood(event.currentTarget.checked)} />
      )}
      <Group justify="flex-end" gap={8}>
        <Button variant="default" data-autofocus onClick={onClose}>
          Cancel
        </Button>
        <Button color="red" loading={busy} disabled={conflict !== null || (unkept && !forGood)} onClick={remove}>
          {forGood ? 'Delete for good' : 'Delete'} {wireLabel(name, 30)}
        </Button>
      </Group>
    </div>
  );
}
