import { Button, Group } from '@mantine/core';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { fromWire, type WireBytes } from '../../../../../shared/bytes.ts';
import type { EditResult } from '../../../../../shared/contract/edit.ts';
import { formatBytes, plural } from '../../../../lib/format.ts';
import { useShortcuts } from '../../../../lib/keyboard.ts';
import { wireLabel } from '../../../../lib/wire-text.ts';
import { ConfirmDialog } from '../../../../ui/confirm-dialog.tsx';
import { Keys } from '../../../../ui/kbd.tsx';
import { BytesEditor } from './bytes-editor.tsx';
import { isChanged, sameBytes, type Draft } from './draft-store.ts';
import { EditProblem } from './edit-problem.tsx';
import { useEdits } from './edits-context.ts';
import { useSubmit, type Conflict } from './use-submit.ts';
import classes from './edit.module.css';

export interface SessionOf {
  /** Where the draft is kept. */
  id: string;
  name: WireBytes;
  /** `value`, `field email`. */
  label: string;
  /** What saving keeps: `expiry kept`. */
  keeps: string;
  fixedLength: boolean;
  save: (expect: Uint8Array, value: Uint8Array) => Promise<EditResult>;
  /** Writes it where it is not any more; absent where that makes no sense. */
  recreate?: (value: Uint8Array) => Promise<EditResult>;
}

/** One edit from the first key stroke to the save: the draft, what changed, and what stands in the way. */
export function EditSession({ session, onClose }: { session: SessionOf; onClose: () => void }) {
  const edits = useEdits();
  const { drafts } = edits;
  const draft = useSyncExternalStore(drafts.subscribe, () => drafts.get(session.id));
  const box = useRef<HTMLDivElement>(null);
  const [unsavable, setUnsavable] = useState('');
  const [asking, setAsking] = useState(false);
  const [overwriting, setOverwriting] = useState(false);
  const [merges, setMerges] = useState(0);
  const finish = () => {
    drafts.set(session.id, null);
    onClose();
  };
  const { busy, problem, conflict, submit, clear } = useSubmit(finish);
  const wrongLength = draft !== null && session.fixedLength && draft.base.length !== draft.bytes.length;
  const changed = draft !== null && isChanged(draft);
  const reason = edits.blocked !== '' ? edits.blocked : !changed ? 'Nothing is changed' : wrongLength ? `A window keeps its size: ${plural(draft.base.length, 'byte')}` : unsavable;

  const run = (expect: Uint8Array, value: Uint8Array) =>
    submit({ done: `Saved ${session.label} of ${wireLabel(session.name, 60)}`, call: () => session.save(expect, value), names: [session.name] });
  const save = () => {
    if (draft !== null && reason === '' && conflict === null) void run(draft.base, draft.bytes);
  };
  const cancel = () => (changed ? setAsking(true) : finish());
  useShortcuts([
    { keys: 'mod+s', label: 'Save the edit', group: 'Value', within: box, run: save },
    { keys: 'escape', label: 'Cancel the edit', group: 'Value', within: box, inText: true, run: cancel },
  ]);
  useEffect(() => {
    box.current?.querySelector<HTMLElement>('[role="textbox"]')?.focus();
  }, []);

  if (draft === null) return null;
  const there = conflict?.present.value ?? null;
  const whole = there === null || there.truncated ? null : fromWire(there.data);
  // the value may be as it was read, and something beside it (a TTL, a score, a name that is taken) stand in the way
  const theirs = whole === null || sameBytes(whole, draft.base) ? null : whole;
  const merge = () => {
    if (theirs === null) return;
    drafts.set(session.id, { base: theirs, bytes: draft.bytes });
    setMerges(merges + 1);
    clear();
  };
  const recreate = session.recreate;
  return (
    <div ref={box} className={classes['editor']} role="region" aria-label={`Edit the ${session.label}`}>
      {problem !== null && (
        <div className={classes['problem']}>
          <EditProblem problem={problem} />
        </div>
      )}
      {conflict !== null && (
        <ConflictView
          conflict={conflict}
          theirs={theirs}
          onOverwrite={() => (edits.production ? setOverwriting(true) : theirs !== null && void run(theirs, draft.bytes))}
          onTake={() => {
            finish();
            edits.refresh();
          }}
          onMerge={merge}
          onRecreate={recreate === undefined || conflict.present.type !== 'none' ? null : () => void submit({ done: `Created ${wireLabel(session.name, 60)} again`, call: () => recreate(draft.bytes), names: [session.name] })}
          onBack={clear}
        />
      )}
      {conflict !== null && theirs !== null ? (
        <BytesEditor key="conflict" draft={{ base: theirs, bytes: draft.bytes }} onBytes={() => undefined} onUnsavable={() => undefined} fixedLength={session.fixedLength} label={session.label} showChanges heads={['There now', 'The edit']} />
      ) : (
        <BytesEditor
          key={merges}
          draft={draft}
          onBytes={(bytes) => drafts.set(session.id, { base: draft.base, bytes })}
          onUnsavable={setUnsavable}
          fixedLength={session.fixedLength}
          label={session.label}
          showChanges={merges > 0}
        />
      )}
      <div className={classes['saveBar']}>
        <span className={`${classes['facts']} la-number`} role="status">
          {changed ? changeWords(draft) : 'No changes yet'}
        </span>
        <span className={classes['spring']} />
        <Button variant="default" rightSection={<Keys shortcut="escape" />} onClick={cancel}>
          Cancel
        </Button>
        <Button loading={busy} disabled={reason !== '' || conflict !== null} title={reason || undefined} rightSection={<Keys shortcut="mod+s" />} onClick={save}>
          Save {formatBytes(draft.bytes.length)} to {wireLabel(session.name, 40)}, {session.keeps}
        </Button>
      </div>
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        title="Discard the changes?"
        cancelLabel="Go on editing"
        confirmLabel="Discard the changes"
        danger
        onConfirm={finish}
      >
        What was typed in the {session.label} of {wireLabel(session.name, 80)} is not saved.
      </ConfirmDialog>
      <ConfirmDialog
        opened={overwriting}
        onClose={() => setOverwriting(false)}
        title="Overwrite what someone else wrote?"
        confirmLabel={`Overwrite on ${edits.workspaceName}`}
        danger
        onConfirm={() => {
          if (theirs !== null) void run(theirs, draft.bytes);
        }}
      >
        The {session.label} of {wireLabel(session.name, 80)} on {edits.workspaceName}, a production connection, was changed after it was read. Overwriting replaces that change; it can be taken back.
      </ConfirmDialog>
    </div>
  );
}

function changeWords({ base, bytes }: Draft): string {
  const difference = bytes.length - base.length;
  if (difference === 0) return `Changed, ${plural(bytes.length, 'byte')} as before`;
  return `Changed, ${plural(base.length, 'byte')} before, ${plural(bytes.length, 'byte')} now`;
}

interface ConflictViewProps {
  conflict: Conflict;
  theirs: Uint8Array | null;
  onOverwrite: () => void;
  onTake: () => void;
  onMerge: () => void;
  onRecreate: (() => void) | null;
  onBack: () => void;
}

/** Someone else was faster: what stands there now, and what may be done. */
function ConflictView({ conflict, theirs, onOverwrite, onTake, onMerge, onRecreate, onBack }: ConflictViewProps) {
  const { present, reason } = conflict;
  const words =
    theirs !== null
      ? 'Nothing was written. Left: what stands there now. Right: the edit.'
      : present.type === 'none'
        ? 'Nothing was written, and what was typed is kept here.'
        : `Nothing was written. The key is a ${present.type} now; what was typed is kept here.`;
  return (
    <div className={classes['conflict']} role="alert" data-conflict>
      <h3>{reason}</h3>
      <p>{words}</p>
      <Group gap={6}>
        {theirs !== null && (
          <>
            <Button variant="default" onClick={onMerge}>
              Merge by hand
            </Button>
            <Button variant="default" onClick={onTake}>
              Take theirs
            </Button>
            <Button color="red" onClick={onOverwrite}>
              Overwrite theirs
            </Button>
          </>
        )}
        {onRecreate !== null && <Button onClick={onRecreate}>Create the key again</Button>}
        <Button variant="default" onClick={onBack}>
          Back to the edit
        </Button>
      </Group>
    </div>
  );
}
