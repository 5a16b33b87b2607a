import { notifications } from '@mantine/notifications';
import { useCallback, useEffect, useMemo, useRef, type ReactNode } from 'react';
import { wireKey, type WireBytes } from '../../../../../shared/bytes.ts';
import type { EditResult } from '../../../../../shared/contract/edit.ts';
import type { KeyFacts } from '../../../../../shared/contract/values.ts';
import { runCommand, useCommands } from '../../../../lib/commands.ts';
import { useHost } from '../../../../lib/host.ts';
import { toProblem } from '../../../../lib/to-problem.ts';
import { wireLabel } from '../../../../lib/wire-text.ts';
import { useWorkspace } from '../../../../lib/workspaces.ts';
import { tellProblem } from '../../../../ui/tell-problem.ts';
import { useKeysPlace } from '../../keys-context.ts';
import { useSignal, type Signal } from '../../signal.ts';
import { usePlaceState } from '../../use-place-state.ts';
import type { DraftStore } from './draft-store.ts';
import { EditsContext, type EditRun, type Edits, type KeyDialog } from './edits-context.ts';
import { KeyDialogs } from './key-dialogs.tsx';
import { tellDone, tellReadOnly } from './notices.tsx';

interface EditsProviderProps {
  readOnly: Signal<boolean>;
  /** The key that is open. */
  opened: WireBytes | null;
  onShow: (name: WireBytes) => void;
  onRefresh: () => void;
  drafts: DraftStore;
  children: ReactNode;
}

interface LastEdit {
  editId: string;
  text: string;
  names: readonly WireBytes[];
  reopen: WireBytes | undefined;
}

const nothingRemoved: ReadonlySet<string> = new Set();
const readOnlyReason = 'The connection is read-only';

/** What every part of the screen edits through: one way to run, to say so, and to take back. */
export function EditsProvider({ readOnly, opened, onShow, onRefresh, drafts, children }: EditsProviderProps) {
  const { client } = useHost();
  const { workspaceId, db, meta } = useKeysPlace();
  const workspace = useWorkspace(workspaceId);
  const locked = useSignal(readOnly, (value) => value);
  const place = `${workspaceId} ${db}`;
  const [dialog, setDialog] = usePlaceState<KeyDialog | null>(place, null);
  const [removed, setRemoved] = usePlaceState<ReadonlySet<string>>(place, nothingRemoved);
  const [last, setLast] = usePlaceState<LastEdit | null>(place, null);
  const latest = useRef({ onShow, onRefresh });
  useEffect(() => {
    latest.current = { onShow, onRefresh };
  });
  const blocked = locked ? readOnlyReason : '';
  const workspaceName = workspace?.name ?? '';
  const production = workspace?.environment === 'production';

  useEffect(() => {
    const onUnload = (event: BeforeUnloadEvent) => {
      if (drafts.changed()) event.preventDefault();
    };
    window.addEventListener('beforeunload', onUnload);
    return () => {
      window.removeEventListener('beforeunload', onUnload);
      if (drafts.changed()) tellDone('edit.kept', 'Unsaved changes are kept: opening their key again shows them', '', null);
    };
  }, [drafts]);

  const after = useCallback(
    async (names: readonly WireBytes[]) => {
      latest.current.onRefresh();
      // badges in the tree; what fails there shows in the pane
      const found = await client.keys.meta({ workspaceId, db, names: [...names] }).catch(() => []);
      const readAt = Date.now();
      setRemoved((before) => {
        const next = new Set(before);
        for (const { name, type } of found) {
          if (type === 'none') next.add(wireKey(name));
          else next.delete(wireKey(name));
        }
        return next;
      });
      for (const { name, type, ttlMs } of found) meta.put(name, { type, expiresAt: ttlMs === null ? null : readAt + ttlMs, readAt });
    },
    [client, workspaceId, db, meta, setRemoved],
  );

  const undo = useCallback(
    async ({ editId, text, names, reopen }: LastEdit) => {
      notifications.hide(editId);
      setLast((now) => (now?.editId === editId ? null : now));
      try {
        const result = await client.edit.undo({ workspaceId, editId });
        if (result.outcome === 'applied') {
          if (reopen !== undefined) latest.current.onShow(reopen);
          tellDone(result.editId, `Taken back: ${text}`, '', null);
        } else if (result.outcome !== 'unchanged') {
          notifications.show({ color: 'red', title: 'Not taken back', message: result.reason });
        }
      } catch (error) {
        tellProblem(error);
      }
      await after(names);
    },
    [client, workspaceId, after, setLast],
  );

  const run = useCallback(
    async ({ done, call, names, reopen }: EditRun): Promise<EditResult> => {
      const result = await call();
      if (result.outcome === 'unchanged') tellDone('edit.unchanged', 'It is so already: nothing was written', '', null);
      if (result.outcome !== 'applied') return result;
      const edit: LastEdit = { editId: result.editId, text: done, names, reopen };
      setLast(result.undo.possible ? edit : null);
      const note = [result.confirmed ? 'The answer was lost; reading again confirms it.' : '', result.note, result.undo.possible ? '' : `No undo: ${result.undo.reason}.`].filter((part) => part !== '').join(' ');
      tellDone(result.editId, done, note, result.undo.possible ? () => void undo(edit) : null);
      await after(names);
      return result;
    },
    [after, undo, setLast],
  );

  const unlock = useCallback(() => void runCommand('connection.unlock'), []);
  const remove = useCallback(
    async (name: WireBytes, known: KeyFacts | null) => {
      if (blocked !== '') return tellReadOnly(blocked, unlock);
      if (production) return setDialog({ kind: 'remove', name, facts: known });
      try {
        const facts = known ?? (await client.values.inspect({ workspaceId, db, name }));
        const result = await run({
          done: `Deleted ${wireLabel(name, 80)}`,
          call: () => client.edit.remove({ workspaceId, db, name, expect: { type: facts.type, length: facts.length } }),
          names: [name],
          reopen: name,
        });
        if (result.outcome === 'conflict' || result.outcome === 'notApplied') setDialog({ kind: 'remove', name, facts: null });
      } catch (error) {
        if (toProblem(error).code === 'LIMIT_EXCEEDED') setDialog({ kind: 'remove', name, facts: known });
        else tellProblem(error);
      }
    },
    [blocked, production, client, workspaceId, db, run, unlock, setDialog],
  );

  const value = useMemo<Edits>(
    () => ({
      blocked,
      workspaceName,
      production,
      drafts,
      run,
      ask: (next) => (blocked === '' || next.kind === 'recent' ? setDialog(next) : tellReadOnly(blocked, unlock)),
      removed,
      refresh: () => latest.current.onRefresh(),
      remove: (name, facts) => void remove(name, facts),
      unlock,
      show: (name) => latest.current.onShow(name),
    }),
    [blocked, workspaceName, production, drafts, run, removed, remove, unlock, setDialog],
  );

  const onKey = (kind: 'rename' | 'copy' | 'expiry') => () => {
    if (opened !== null) value.ask({ kind, name: opened, facts: null });
  };
  useCommands([
    { id: 'edit.create', title: 'New key', group: 'Keys', keywords: 'add create', shortcut: 'n', run: () => value.ask({ kind: 'create' }) },
    { id: 'edit.rename', title: 'Rename the open key', group: 'Keys', keywords: 'move', enabled: opened !== null, run: onKey('rename') },
    { id: 'edit.copy', title: 'Copy the open key', group: 'Keys', keywords: 'duplicate clone', enabled: opened !== null, run: onKey('copy') },
    { id: 'edit.expiry', title: 'Set the expiry of the open key', group: 'Keys', keywords: 'ttl persist expire', enabled: opened !== null, run: onKey('expiry') },
    { id: 'edit.remove', title: 'Delete the open key', group: 'Keys', keywords: 'remove unlink del', enabled: opened !== null, run: () => opened !== null && value.remove(opened, null) },
    { id: 'edit.recent', title: 'Recent edits', group: 'Keys', keywords: 'undo history journal', run: () => setDialog({ kind: 'recent' }) },
    {
      id: 'edit.undo',
      title: last === null ? 'Undo the last edit' : `Undo: ${last.text}`,
      group: 'Keys',
      shortcut: 'mod+z',
      enabled: last !== null,
      run: () => {
        if (last !== null) void undo(last);
      },
    },
  ]);

  return (
    <EditsContext value={value}>
      {children}
      <KeyDialogs dialog={dialog} onClose={() => setDialog(null)} />
    </EditsContext>
  );
}
