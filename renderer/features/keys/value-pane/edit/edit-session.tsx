import { Button } from '@mantine/core';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { fromWire, type WireBytes } from '../../../../../shared/bytes.ts';
import type { EditResult } from '../../../../../shared/contract/edit.ts';
import { useHost } from '../../../../lib/host.ts';
import { formatBytes, plural } from '../../../../lib/format.ts';
import { useShortcuts } from '../../../../lib/keyboard.ts';
import { wireLabel } from '../../../../lib/wire-text.ts';
import { ConfirmDialog } from '../../../../ui/confirm-dialog.tsx';
import { Keys } from '../../../../ui/kbd.tsx';
import { chainWords } from '../decoded/chain-words.ts';
import { BytesEditor } from './bytes-editor.tsx';
import { ConflictView, ThreeSides } from './conflict-view.tsx';
import { isChanged, sameBytes, type Draft } from './draft-store.ts';
import { EditProblem } from './edit-problem.tsx';
import { useEdits } from './edits-context.ts';
import { unwrapped, wrapped, type Layered } from './layered.ts';
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
  const { client } = useHost();
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
  const keepConflict = async ({ reason, present }: Conflict): Promise<void> => {
    const now = drafts.get(session.id);
    if (now === null) return;
    const there = present.value === null || present.value.truncated ? null : fromWire(present.value.data);
    // the value may be as it was read, and something beside it (a TTL, a score, a name that is taken) stand in the way
    const other = there === null || sameBytes(there, now.layered?.stored ?? now.base) ? null : there;
    const opened = other === null ? null : now.layered === undefined ? ({ kind: 'open', side: { inner: other, stored: other } } as const) : await unwrapped(client, other, now.layered.codecs);
    drafts.set(session.id, { ...now, conflict: { reason, present, theirs: opened?.kind === 'open' ? opened.side : null, unread: opened?.kind === 'closed' ? opened.reason : '' } });
  };
  const { busy, problem, submit, clear } = useSubmit(finish, keepConflict);
  const conflict = draft?.conflict ?? null;
  const wrongLength = draft !== null && session.fixedLength && draft.base.length !== draft.bytes.length;
  const changed = draft !== null && isChanged(draft);
  const reason = edits.blocked !== '' ? edits.blocked : !changed ? 'Nothing is changed' : wrongLength ? `A window keeps its size: ${plural(draft.base.length, 'byte')}` : unsavable;

  /** What is stored for the edit, in the place of `stored`. */
  const toStore = async (stored: Uint8Array, { bytes, layered }: Draft): Promise<Uint8Array> => (layered === undefined ? bytes : wrapped(client, stored, layered.codecs, bytes));
  const run = (stored: Uint8Array, edit: Draft) =>
    submit({ done: `Saved ${session.label} of ${wireLabel(session.name, 60)}`, call: async () => session.save(stored, await toStore(stored, edit)), names: [session.name] });
  const save = () => {
    if (draft !== null && reason === '' && conflict === null) void run(draft.layered?.stored ?? draft.base, draft);
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
  const theirs = conflict?.theirs ?? null;
  const settle = (next: Partial<Draft>) => {
    drafts.set(session.id, { ...draft, ...next, conflict: undefined });
    clear();
  };
  const merge = () => {
    if (theirs === null) return;
    settle({ base: theirs.inner, ...(draft.layered === undefined ? {} : { layered: { ...draft.layered, stored: theirs.stored } }) });
    setMerges(merges + 1);
  };
  const overwrite = () => {
    if (theirs !== null) void run(theirs.stored, draft);
  };
  const { recreate } = session;
  const createAgain = () => {
    if (recreate === undefined) return;
    const stored = draft.layered?.stored ?? draft.base;
    void submit({ done: `Created ${wireLabel(session.name, 60)} again`, call: async () => recreate(await toStore(stored, draft)), names: [session.name] });
  };
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
          onOverwrite={() => (edits.production ? setOverwriting(true) : overwrite())}
          onTake={() => {
            finish();
            edits.refresh();
          }}
          onMerge={merge}
          onRecreate={recreate === undefined || conflict.present.type !== 'none' ? null : createAgain}
          onBack={() => settle({})}
        />
      )}
      {draft.layered !== undefined && <LayersLine layered={draft.layered} />}
      {theirs !== null ? (
        <ThreeSides base={draft.base} theirs={theirs.inner} mine={draft.bytes} />
      ) : (
        <BytesEditor
          key={merges}
          draft={draft}
          onBytes={(bytes) => drafts.set(session.id, { ...draft, bytes })}
          onUnsavable={setUnsavable}
          fixedLength={session.fixedLength}
          label={session.label}
          showChanges={merges > 0}
          textOnly={draft.layered?.asJson ?? false}
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
          Save {draft.layered === undefined && `${formatBytes(draft.bytes.length)} `}to {wireLabel(session.name, 40)}, {session.keeps}
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
        onConfirm={overwrite}
      >
        The {session.label} of {wireLabel(session.name, 80)} on {edits.workspaceName}, a production connection, was changed after it was read. Overwriting replaces that change; it can be taken back.
      </ConfirmDialog>
    </div>
  );
}

/** That what is edited is not what is stored, and what else saving changes. */
function LayersLine({ layered }: { layered: Layered }) {
  return (
    <div className={classes['layers']} role="note">
      {layered.asJson ? 'The value as JSON text' : 'What stands'} behind {chainWords(layered.codecs)}; saving writes it through {layered.codecs.length === 1 ? 'it' : 'them'} again.{layered.note !== '' && ` ${layered.note}.`}
    </div>
  );
}

function changeWords({ base, bytes, layered }: Draft): string {
  if (layered !== undefined) return `Changed, ${plural(base.length, 'byte')} decoded before, ${plural(bytes.length, 'byte')} now`;
  const difference = bytes.length - base.length;
  if (difference === 0) return `Changed, ${plural(bytes.length, 'byte')} as before`;
  return `Changed, ${plural(base.length, 'byte')} before, ${plural(bytes.length, 'byte')} now`;
}
