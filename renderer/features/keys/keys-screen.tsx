import { useCallback, useEffect, useMemo, useRef } from 'react';
import { wireEquals, type WireBytes } from '../../../shared/bytes.ts';
import type { RedisFacts } from '../../../shared/contract/connections.ts';
import { useCommands } from '../../lib/commands.ts';
import { useHost } from '../../lib/host.ts';
import { useSetting } from '../../lib/settings.ts';
import { Split } from '../../ui/split.tsx';
import { FactsFollower } from './facts-follower.ts';
import { JumpDialog } from './jump-dialog.tsx';
import { KeyPane, type KeyPaneHandle } from './key-pane.tsx';
import { KeysContext, type Opened } from './keys-context.ts';
import { MetaCache } from './meta-cache.ts';
import { Signal, useSignal } from './signal.ts';
import { IndexFollower, useKeyIndex, type KeyIndex } from './use-key-index.ts';
import { useKeySettings } from './use-key-settings.ts';
import { usePlaceState } from './use-place-state.ts';
import { draftsOf } from './value-pane/edit/draft-store.ts';
import { CompareProvider } from './value-pane/compare/compare-provider.tsx';
import { EditsProvider } from './value-pane/edit/edits-provider.tsx';
import { LeaveDialog } from './value-pane/edit/leave-dialog.tsx';
import { ValuePane, type ValuePaneHandle } from './value-pane/value-pane.tsx';

/** Browse the keys of one workspace's Redis: the namespace on the left, the value on the right. */
export function KeysScreen({ workspaceId }: { workspaceId: string }) {
  const { client } = useHost();
  const [db, setDb] = useSetting(`keys.db.${workspaceId}`, 0);
  const facts = useMemo(() => new Signal<RedisFacts | null>(null), []);
  const readOnly = useMemo(() => new Signal(false), []);
  const goTo = useCallback(
    (next: number) => {
      // its scan begins while the page draws; what comes of it, the index itself tells
      client.keys.begin({ workspaceId, db: next }).catch(() => undefined);
      // the call is sent at the end of this turn, and drawing would hold it up
      setTimeout(() => setDb(next), 0);
    },
    [client, workspaceId, setDb],
  );
  return (
    <>
      <FactsFollower workspaceId={workspaceId} facts={facts} readOnly={readOnly} />
      <Database key={workspaceId} workspaceId={workspaceId} db={db} onDb={goTo} facts={facts} readOnly={readOnly} />
    </>
  );
}

interface DatabaseProps {
  workspaceId: string;
  db: number;
  onDb: (db: number) => void;
  facts: Signal<RedisFacts | null>;
  readOnly: Signal<boolean>;
}

/** Stays while the database changes: what belongs to one is held by `usePlaceState`. */
function Database({ workspaceId, db, onDb, facts, readOnly }: DatabaseProps) {
  const { client } = useHost();
  const settings = useKeySettings(workspaceId, db);
  const at = `${workspaceId} ${db}`;
  const [type, setType] = usePlaceState(at, '');
  const where = useMemo(() => ({ workspaceId, db, type: type === '' ? null : type }), [workspaceId, db, type]);
  const index = useKeyIndex(where);
  const meta = useMemo(
    () => new MetaCache({ now: Date.now, fetch: (names) => client.keys.meta({ workspaceId, db, names }) }),
    [client, workspaceId, db],
  );
  useEffect(() => () => meta.close(), [meta]);
  const [opened, setShown] = usePlaceState<Opened | null>(at, null);
  const drafts = useMemo(() => draftsOf(workspaceId, db), [workspaceId, db]);
  const [leaving, setLeaving] = usePlaceState<Opened | null>(at, null);
  const shown = useRef(opened);
  useEffect(() => {
    shown.current = opened;
  });
  // a key whose edit is not saved is not left without a word
  const setOpened = useCallback(
    (next: Opened) => {
      const now = shown.current;
      const same = now?.kind === 'key' && next.kind === 'key' && wireEquals(now.name, next.name);
      if (now?.kind === 'key' && !same && drafts.changed(now.name)) setLeaving(next);
      else setShown(next);
    },
    [drafts, setShown, setLeaving],
  );
  const [jumping, setJumping] = usePlaceState(at, false);
  const keys = useRef<KeyPaneHandle>(null);
  const value = useRef<ValuePaneHandle>(null);
  const place = useMemo(() => ({ workspaceId, db, index, meta }), [workspaceId, db, index, meta]);

  const jump = useCallback(
    async (name: WireBytes) => {
      const found = await client.values.inspect({ workspaceId, db, name });
      if (found.type === 'none') return false;
      setOpened({ kind: 'key', name });
      await keys.current?.reveal(name);
      return true;
    },
    [client, workspaceId, db, setOpened],
  );
  const show = useCallback(
    (name: WireBytes) => {
      setShown({ kind: 'key', name });
      void keys.current?.reveal(name);
    },
    [setShown],
  );
  const openJump = useCallback(() => setJumping(true), [setJumping]);
  const focusValue = useCallback(() => value.current?.focus(), []);
  useCommands([
    { id: 'keys.jump', title: 'Jump to an exact key name', group: 'Keys', keywords: 'open find get', shortcut: 'g', menu: 'jump-to-key', run: openJump },
    { id: 'keys.jump-anywhere', title: 'Jump to an exact key name', group: 'Keys', shortcut: 'mod+g', run: openJump },
    { id: 'keys.focus-tree', title: 'Focus the keys', group: 'Keys', shortcut: 'alt+k', run: () => keys.current?.focus() },
    { id: 'keys.focus-value', title: 'Focus the value', group: 'Keys', shortcut: 'alt+v', enabled: opened !== null, run: focusValue },
    { id: 'keys.refresh-value', title: 'Read the open key again', group: 'Keys', shortcut: 'mod+shift+r', menu: 'reload-data', enabled: opened?.kind === 'key', run: () => value.current?.refresh() },
  ]);

  return (
    <KeysContext value={place}>
      <EditsProvider readOnly={readOnly} opened={opened?.kind === 'key' ? opened.name : null} drafts={drafts} onShow={show} onRefresh={() => value.current?.refresh()}>
      <CompareProvider>
      <IndexFollower index={index} where={where} />
      <Configure index={index} delimiters={settings.delimiters} budget={settings.budget} />
      <Split
        name="keys.main"
        panes={[
          {
            id: 'keys',
            label: 'keys',
            size: 42,
            minSize: '400px',
            children: (
              <KeyPane
                ref={keys}
                settings={settings}
                facts={facts}
                type={type}
                onType={setType}
                onDb={onDb}
                opened={opened}
                onOpen={setOpened}
                onActivateKey={focusValue}
                onJumpDialog={openJump}
                onJump={jump}
              />
            ),
          },
          {
            id: 'value',
            label: 'value',
            size: 58,
            minSize: '320px',
            children: (
              <ValuePane
                ref={value}
                opened={opened}
                onLeave={() => keys.current?.focus()}
                onFilter={(filter) => keys.current?.filterTo(filter)}
                onShowInTree={(prefix) => keys.current?.showInTree(prefix)}
                onOpenKey={(name) => setOpened({ kind: 'key', name })}
                onExport={(target) => keys.current?.export(target)}
                onSnapshots={(group) => keys.current?.openSnapshots(group)}
              />
            ),
          },
        ]}
      />
      <JumpDialog opened={jumping} onClose={() => setJumping(false)} onJump={jump} />
      <LeaveDialog
        name={leaving !== null && opened?.kind === 'key' ? opened.name : null}
        onStay={() => {
          setLeaving(null);
          if (opened?.kind === 'key') void keys.current?.reveal(opened.name);
        }}
        onLeave={() => {
          setShown(leaving);
          setLeaving(null);
        }}
      />
      </CompareProvider>
      </EditsProvider>
    </KeysContext>
  );
}

/** Tells a new index, and an index whose settings change, how to split names and how much server time to use. */
function Configure({ index, delimiters, budget }: { index: KeyIndex; delimiters: readonly string[]; budget: string }) {
  const indexId = useSignal(index.feed, (feed) => feed.snapshot?.indexId ?? null);
  const text = JSON.stringify(delimiters);
  useEffect(() => {
    if (indexId !== null) index.configure({ delimiters: JSON.parse(text) as string[], ...(budget === '' ? {} : { budget: Number(budget) }) });
  }, [index, indexId, text, budget]);
  return null;
}
