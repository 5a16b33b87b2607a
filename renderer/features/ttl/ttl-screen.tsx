import { Button, Select, Switch, Tabs } from '@mantine/core';
import { IconHourglass } from '@tabler/icons-react';
import { useEffect, useMemo, useState } from 'react';
import type { RedisFacts } from '../../../shared/contract/connections.ts';
import type { KeyFactField } from '../../../shared/contract/key-filter.ts';
import type { WireBytes } from '../../../shared/bytes.ts';
import { useCommands } from '../../lib/commands.ts';
import { formatCompact } from '../../lib/format.ts';
import { parseRouteParams, redirect, useRouteQuery } from '../../lib/navigation.ts';
import { databaseChoices, useRedisStatus } from '../../lib/redis-status.ts';
import { useSetting } from '../../lib/settings.ts';
import { ttlStartOf } from '../../lib/ttl-link.ts';
import { useWorkspace } from '../../lib/workspaces.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { LoadingRows } from '../../ui/loading-rows.tsx';
import { ProblemView } from '../../ui/problem-view.tsx';
import { Spring, Toolbar } from '../../ui/toolbar.tsx';
import { ChangeDialog } from './change/change-dialog.tsx';
import type { ChangeStart } from './change/change-form.ts';
import { ChangesPanel } from './change/changes-panel.tsx';
import { CliffsPanel } from './cliffs/cliffs-panel.tsx';
import { DistributionPanel } from './distribution/distribution-panel.tsx';
import { FactsBar } from './facts-bar.tsx';
import { FieldsPanel } from './fields/fields-panel.tsx';
import { gatheredList } from './key-list.ts';
import { KeysDialog } from './keys-dialog.tsx';
import { LivePanel } from './live/live-panel.tsx';
import { NoExpiryPanel } from './no-expiry/no-expiry-panel.tsx';
import { TimelinePanel } from './timeline/timeline-panel.tsx';
import { TtlPlaceContext, type KeysQuestion, type TtlPlace } from './ttl-place.ts';
import { useIndexSettings, useStamp, useTtlIndex, type TtlIndex } from './use-ttl-index.ts';
import { UsualPanel } from './usual/usual-panel.tsx';
import classes from './ttl.module.css';

/** The expiry of keys as a workbench: spread, timeline, cliffs, keys without one, live events, bulk changes. */
export function TtlScreen({ workspaceId }: { workspaceId: string }) {
  // The database is the one of the key browser.
  const [db, setDb] = useSetting(`keys.db.${workspaceId}`, 0);
  return <Database key={`${workspaceId} ${db}`} workspaceId={workspaceId} db={db} onDb={setDb} />;
}

const tabs = [
  { id: 'distribution', label: 'Distribution' },
  { id: 'timeline', label: 'Timeline' },
  { id: 'cliffs', label: 'Cliffs' },
  { id: 'no-expiry', label: 'No expiry' },
  { id: 'usual', label: 'Usual TTLs' },
  { id: 'live', label: 'Live' },
  { id: 'fields', label: 'Hash fields' },
  { id: 'changes', label: 'Changes' },
] as const;
type Tab = (typeof tabs)[number]['id'];
const tabIds = new Set<unknown>(tabs.map(({ id }) => id));
const needFacts: ReadonlySet<Tab> = new Set(['distribution', 'timeline', 'cliffs', 'no-expiry', 'usual']);

interface DatabaseProps {
  workspaceId: string;
  db: number;
  onDb: (db: number) => void;
}

function Database({ workspaceId, db, onDb }: DatabaseProps) {
  const workspace = useWorkspace(workspaceId);
  const { facts, readOnly } = useRedisStatus(workspaceId);
  const index = useTtlIndex(workspaceId, db);
  const { delimiters } = useIndexSettings(workspaceId, db);
  const { snapshot } = index;
  const stamp = useStamp(snapshot);
  const [tab, setTab] = useSetting<Tab>(`ttl.tab.${workspaceId}`, 'distribution', (value): value is Tab => tabIds.has(value));
  const [question, setQuestion] = useState<KeysQuestion | null>(null);
  const [change, setChange] = useState<ChangeStart | null>(null);
  const [hash, setHash] = useState<WireBytes | null>(null);
  const [watched, setWatched] = useState<string | null>(null);
  const reading = useReading(index, workspaceId);
  const [changedAt, setChangedAt] = useState(0);

  const fields = snapshot?.facts?.fields.join() ?? '';
  const indexId = snapshot?.indexId ?? null;
  const whole = (snapshot?.facts?.completedAt ?? null) !== null;
  const exactness = snapshot?.exactness ?? 'atLeast';
  const clockSkewMs = snapshot?.facts?.clockSkewMs ?? 0;
  const workspaceName = workspace?.name ?? 'the workspace';
  const place = useMemo<TtlPlace>(() => {
    const known = new Set(fields.split(','));
    return {
      workspaceId, workspaceName, db, readOnly, indexId, stamp, whole, exactness, clockSkewMs, delimiters,
      hasTtl: known.has('ttl'), hasBytes: known.has('bytes'), hasType: known.has('type'),
      openKeys: setQuestion,
      openChange: (start) => {
        setQuestion(null);
        setChange(start);
      },
      onChanged: () => setChangedAt(Date.now()),
    };
  }, [workspaceId, workspaceName, db, readOnly, indexId, stamp, whole, exactness, clockSkewMs, delimiters, fields]);

  useLinkStart((start) => {
    if (start.kind === 'change') setChange({ filter: start.filter });
    else if (start.kind === 'names') setChange({ names: start.names });
    else if (start.kind === 'list') setChange({ list: gatheredList(start) });
    else {
      setHash(start.name);
      setTab('fields');
    }
  }, workspaceId);
  useCommands([
    { id: 'ttl.change', title: 'Change the expiry of keys', group: 'TTL', keywords: 'expire persist ttl bulk jitter', shortcut: 'e', run: () => setChange({}) },
    { id: 'ttl.read', title: place.hasTtl ? 'Read the expiry of all keys again' : 'Read the expiry of all keys', group: 'TTL', keywords: 'ttl facts refresh', menu: 'reload-data', shortcut: 'mod+shift+r', run: reading.read },
    ...tabs.map(({ id, label }, at) => ({ id: `ttl.tab.${id}`, title: `TTL: ${label.charAt(0).toLowerCase()}${label.slice(1)}`, group: 'TTL', shortcut: String(at + 1), run: () => setTab(id) })),
  ]);

  return (
    <TtlPlaceContext value={place}>
      <div className={classes['screen']}>
        <Toolbar label="TTL" title="TTL">
          {facts?.topology !== 'cluster' && (
            <Select
              aria-label="Database"
              w={150}
              maxDropdownHeight={320}
              value={String(db)}
              data={databaseChoices(facts, db)}
              allowDeselect={false}
              onChange={(value) => onDb(Number(value ?? 0))}
            />
          )}
          <Spring />
          <Button onClick={() => setChange({})}>Change the expiry of keys</Button>
        </Toolbar>
        <FactsBar index={index} fields={reading.words} onRead={reading.read} outdated={changedAt > (snapshot?.facts?.startedAt ?? Infinity)} />
        <Tabs value={tab} onChange={(value) => setTab((value ?? 'distribution') as Tab)} className={classes['panel'] ?? ''} keepMounted={false}>
          <Tabs.List aria-label="Views" className={classes['tabs'] ?? ''}>
            {tabs.map(({ id, label }) => (
              <Tabs.Tab key={id} value={id}>
                {label}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {tabs.map(({ id }) => (
            <Tabs.Panel key={id} value={id} className={classes['panel'] ?? ''}>
              {id === tab &&
                (needFacts.has(tab) && !place.hasTtl ? (
                  <NotRead index={index} reading={reading} />
                ) : (
                  <Panel tab={tab} changedAt={changedAt} hash={hash} onHash={setHash} watched={watched} onWatch={setWatched} facts={facts} />
                ))}
            </Tabs.Panel>
          ))}
        </Tabs>
      </div>
      <KeysDialog question={question} onClose={() => setQuestion(null)} />
      <ChangeDialog
        start={change}
        onClose={() => setChange(null)}
        onRun={(runId) => setWatched(runId)}
      />
    </TtlPlaceContext>
  );
}

interface PanelProps {
  tab: Tab;
  changedAt: number;
  hash: WireBytes | null;
  onHash: (name: WireBytes | null) => void;
  watched: string | null;
  onWatch: (runId: string | null) => void;
  facts: RedisFacts | null;
}

function Panel({ tab, changedAt, hash, onHash, watched, onWatch, facts }: PanelProps) {
  switch (tab) {
    case 'distribution':
      return <DistributionPanel />;
    case 'timeline':
      return <TimelinePanel />;
    case 'cliffs':
      return <CliffsPanel />;
    case 'no-expiry':
      return <NoExpiryPanel />;
    case 'usual':
      return <UsualPanel />;
    case 'live':
      return <LivePanel facts={facts} />;
    case 'fields':
      return <FieldsPanel name={hash} changedAt={changedAt} onName={onHash} />;
    case 'changes':
      return <ChangesPanel watched={watched} onWatch={onWatch} />;
  }
}

interface Reading {
  withBytes: boolean;
  setWithBytes: (on: boolean) => void;
  always: boolean;
  setAlways: (on: boolean) => void;
  /** What is read, in words. */
  words: string;
  /** Reads, or reads again. */
  read: () => void;
}

/** What this screen reads of each key, and whether it does so by itself. */
function useReading(index: TtlIndex, workspaceId: string): Reading {
  const [withBytes, setWithBytes] = useSetting(`ttl.with-bytes.${workspaceId}`, true);
  const [always, setAlways] = useSetting(`ttl.always.${workspaceId}`, false);
  const fields: KeyFactField[] = withBytes ? ['type', 'ttl', 'bytes'] : ['type', 'ttl'];
  const indexId = index.snapshot?.indexId ?? null;
  const has = index.snapshot?.facts?.fields.includes('ttl') ?? false;
  const begins = always && indexId !== null && index.snapshot !== null && !has;
  useEffect(() => {
    if (begins) index.read(fields);
    // Once for an index that has read nothing; what is being read by then is read on.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [begins, indexId]);
  return {
    withBytes,
    setWithBytes,
    always,
    setAlways,
    words: withBytes ? 'type, expiry and size' : 'type and expiry',
    read: () => index.read(fields, has),
  };
}

/** Before anything is read: what will be, and what it costs. */
function NotRead({ index, reading }: { index: TtlIndex; reading: Reading }) {
  const { snapshot, problem } = index;
  if (snapshot === null) return problem === null ? <LoadingRows rows={8} label="Connecting to the index" /> : <ProblemView problem={problem} onRetry={index.retry} fills />;
  const keys = snapshot.total ?? snapshot.keys;
  return (
    <EmptyState
      icon={<IconHourglass size={28} stroke={1.5} />}
      title={`The expiry of ${formatCompact(keys)} keys is not read yet`}
      actions={
        <Button onClick={reading.read}>
          Read {reading.words} of {formatCompact(keys)} keys
        </Button>
      }
    >
      <p>
        One pass over the keyspace, a page of keys at a time, within the scan&rsquo;s share of server time; it can be paused. Sizes come from MEMORY USAGE with its default sampling.
      </p>
      <div style={{ display: 'inline-flex', flexDirection: 'column', gap: 8, alignItems: 'flex-start' }}>
        <Switch label="Also read sizes" checked={reading.withBytes} onChange={(event) => reading.setWithBytes(event.currentTarget.checked)} />
        <Switch label="Read by itself when this screen opens" checked={reading.always} onChange={(event) => reading.setAlways(event.currentTarget.checked)} />
      </div>
    </EmptyState>
  );
}

/** Does once what the link asked for, and takes it out of the address. */
function useLinkStart(begin: (start: NonNullable<ReturnType<typeof ttlStartOf>>) => void, workspaceId: string): void {
  const query = useRouteQuery();
  useEffect(() => {
    const start = ttlStartOf(parseRouteParams(query));
    if (start === null) return;
    begin(start);
    redirect({ screen: 'ttl', workspaceId });
    // oxlint-disable-next-line react/exhaustive-deps
  }, [query, workspaceId]);
}
