import { Button, Group, NumberInput } from '@mantine/core';
import { useState } from 'react';
import { wireEquals, type WireBytes } from '../../../../../shared/bytes.ts';
import { useHost } from '../../../../lib/host.ts';
import { wireLabel } from '../../../../lib/wire-text.ts';
import { useKeysPlace } from '../../keys-context.ts';
import { nameFromInput } from '../../../../lib/name-input.ts';
import { AboutKey } from './about-key.tsx';
import { EditProblem } from './edit-problem.tsx';
import { useEdits } from './edits-context.ts';
import { BytesInput, lineOf } from './key-name-input.tsx';
import { useSubmit } from './use-submit.ts';
import classes from './edit.module.css';

interface MoveFormProps {
  kind: 'rename' | 'copy';
  name: WireBytes;
  onClose: () => void;
}

/** Another name for a key, or a copy of it. Over an existing key only after asking once more. */
export function MoveForm({ kind, name, onClose }: MoveFormProps) {
  const { client } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const edits = useEdits();
  const [text, setText] = useState(kind === 'copy' ? '' : lineOf(name));
  const [toDb, setToDb] = useState<number | string>(db);
  const { busy, problem, conflict, submit, clear } = useSubmit(onClose);
  const to = nameFromInput(text);
  const targetDb = typeof toDb === 'number' ? toDb : db;
  const same = wireEquals(to, name) && (kind === 'rename' || targetDb === db);
  const exists = conflict !== null && conflict.present.type !== 'none' && /exists/.test(conflict.reason);
  const shown = wireLabel(to, 60);
  const go = (overwrite: boolean) => {
    const where = { workspaceId, db, name, to, overwrite };
    void submit({
      done: kind === 'rename' ? `Renamed ${wireLabel(name, 60)} to ${shown}` : `Copied ${wireLabel(name, 60)} to ${shown}`,
      call: async () => {
        const result = await (kind === 'rename' ? client.edit.rename(where) : client.edit.copy({ ...where, toDb: targetDb }));
        if (result.outcome === 'applied' && targetDb === db) edits.show(to);
        return result;
      },
      names: [name, to],
      reopen: name,
    });
  };
  return (
    <form
      className={classes['form']}
      onSubmit={(event) => {
        event.preventDefault();
        if (!same && !exists) go(false);
      }}
    >
      <AboutKey name={name} />
      <BytesInput
        autoFocus
        label="New name"
        text={text}
        onText={(next) => {
          setText(next);
          clear();
        }}
      />
      {kind === 'copy' && (
        <NumberInput
          label="Database"
          w={120}
          min={0}
          allowDecimal={false}
          value={toDb}
          onChange={(next) => {
            setToDb(next);
            clear();
          }}
        />
      )}
      {conflict !== null && (
        <div className={classes['conflict']} role="alert">
          <h3>{exists ? 'A key of this name exists' : conflict.reason}</h3>
          <p>
            {exists
              ? `Overwriting replaces it${edits.production ? ` on ${edits.workspaceName}, a production connection` : ''}. What is there now is kept, so that it can be taken back.`
              : 'Nothing was written.'}
          </p>
        </div>
      )}
      <EditProblem problem={problem} />
      <Group justify="flex-end" gap={8}>
        <Button key={String(exists)} variant="default" autoFocus={exists} onClick={onClose}>
          Cancel
        </Button>
        {exists ? (
          <Button color="red" loading={busy} onClick={() => go(true)}>
            Overwrite {shown}
          </Button>
        ) : (
          <Button type="submit" loading={busy} disabled={same} title={same ? 'The name is the same' : undefined}>
            {kind === 'rename' ? 'Rename' : 'Copy'}
          </Button>
        )}
      </Group>
    </form>
  );
}
