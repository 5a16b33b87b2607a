import { CloseButton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { memo, useCallback, useEffect, useImperativeHandle, useMemo, useRef, useState, useSyncExternalStore, type Ref } from 'react';
import { wireKey, type WireBytes } from '../../../shared/bytes.ts';
import type { RedisFacts } from '../../../shared/contract/connections.ts';
import type { KeyFilter } from '../../../shared/contract/key-filter.ts';
import { useCommands } from '../../lib/commands.ts';
import { useHost } from '../../lib/host.ts';
import { toProblem } from '../../lib/to-problem.ts';
import { LoadingRows } from '../../ui/loading-rows.tsx';
import { ProblemView } from '../../ui/problem-view.tsx';
import { FilterBar, PlaceBar } from './key-toolbar.tsx';
import { Breadcrumbs } from './key-tree/breadcrumbs.tsx';
import { KeyTree, type KeyTreeHandle } from './key-tree/key-tree.tsx';
import { useKeysPlace, type Opened } from './keys-context.ts';
import { NoRows } from './no-rows.tsx';
import { ScanHeader } from './scan-header.tsx';
import { useSignal, type Signal } from './signal.ts';
import type { useKeySettings } from './use-key-settings.ts';
import { useKeyView, type KeyView } from './use-key-view.ts';
import classes from './keys.module.css';

export interface KeyPaneHandle {
  focus(): void;
  /** Shows where a key stands; says so in a notice when the view does not hold it. */
  reveal(name: WireBytes): Promise<void>;
  filterTo(prefix: WireBytes): void;
  goToFolder(prefix: WireBytes): void;
}

interface KeyPaneProps {
  settings: ReturnType<typeof useKeySettings>;
  facts: Signal<RedisFacts | null>;
  type: string;
  onType: (type: string) => void;
  onDb: (db: number) => void;
  opened: Opened | null;
  onOpen: (opened: Opened) => void;
  onActivateKey: () => void;
  onJumpDialog: () => void;
  /** Opens a key by its exact name; `false` when it does not exist. */
  onJump: (name: WireBytes) => Promise<boolean>;
  ref?: Ref<KeyPaneHandle>;
}

const filterDelayMs = 180;

/** The left half: what to show, how far the index is, and the rows. */
export const KeyPane = memo(function KeyPane(props: KeyPaneProps) {
  const { settings, facts, type, onType, onDb, opened, onOpen, onActivateKey, onJumpDialog, onJump, ref } = props;
  const { index, db } = useKeysPlace();
  const { client } = useHost();
  const known = useSignal(facts, (value) => value);
  const [pattern, setPattern] = useState<WireBytes>('');
  const [notice, setNotice] = useState('');
  const filterInput = useRef<HTMLInputElement>(null);
  const tree = useRef<KeyTreeHandle>(null);
  const { mode, setMode, filterMode, setFilterMode, expanded, setExpanded, delimiters } = settings;

  const [settled] = useDebouncedValue(pattern, filterDelayMs);
  const patternKey = wireKey(settled);
  // Equal filters are one object, or each keystroke of a binary pattern would open another view.
  // oxlint-disable-next-line react/exhaustive-deps
  const filter = useMemo<KeyFilter>(() => ({ pattern: settled, mode: filterMode }), [patternKey, filterMode]);
  const { view, problem, retry } = useKeyView(index, { mode, filter, expanded: () => expanded });

  const filterTo = useCallback(
    (prefix: WireBytes) => {
      setFilterMode('prefix');
      setPattern(prefix);
      setNotice('');
    },
    [setFilterMode],
  );
  const goToFolder = useCallback((prefix: WireBytes) => (mode === 'tree' ? tree.current?.goToFolder(prefix) : filterTo(prefix)), [mode, filterTo]);
  const clearFilter = useCallback(() => setPattern(''), []);
  const typeIntoFilter = useCallback((character: string) => {
    filterInput.current?.focus();
    setPattern((before) => (typeof before === 'string' ? before + character : character));
  }, []);
  const reveal = useCallback(async (name: WireBytes) => {
    const found = (await tree.current?.reveal(name, false)) ?? false;
    setNotice(found ? '' : 'Opened. The list does not hold this key: the filter hides it, or the scan has not come to it yet.');
  }, []);
  useImperativeHandle(ref, () => ({ focus: () => tree.current?.focus(), reveal, filterTo, goToFolder }), [reveal, filterTo, goToFolder]);

  const enter = async () => {
    if (pattern === '') return;
    try {
      if (!(await onJump(pattern))) setNotice('No key has exactly this name.');
    } catch (error) {
      setNotice(toProblem(error).message);
    }
  };
  const exportView = (format: 'lines' | 'jsonl') => {
    if (view === null) return;
    client.keys.exportNames({ viewId: view.viewId, folderId: null, format }).then(
      () => setNotice('The names are being written to a file. The jobs in the status bar show where.'),
      (error: unknown) => setNotice(toProblem(error).message),
    );
  };
  useCommands([
    { id: 'keys.tree-list', title: mode === 'tree' ? 'Show keys as a list' : 'Show keys as a tree', group: 'Keys', shortcut: 'shift+l', run: () => setMode(mode === 'tree' ? 'list' : 'tree') },
    { id: 'keys.rescan', title: 'Scan the keyspace again', group: 'Keys', keywords: 'reload refresh restart index', run: index.restart },
    { id: 'keys.pause', title: 'Pause the scan', group: 'Keys', run: index.pause },
    { id: 'keys.resume', title: 'Resume the scan', group: 'Keys', run: index.resume },
    { id: 'keys.export-lines', title: 'Export names in view as text', group: 'Keys', enabled: view !== null, run: () => exportView('lines') },
    { id: 'keys.export-jsonl', title: 'Export names in view as JSON lines', group: 'Keys', enabled: view !== null, run: () => exportView('jsonl') },
  ]);
  useEffect(() => setNotice(''), [patternKey]);

  return (
    <div className={classes['pane']}>
      <PlaceBar mode={mode} onMode={setMode} type={type} onType={onType} db={db} onDb={onDb} facts={known} onJump={onJumpDialog} onExport={exportView} />
      <FilterBar
        ref={filterInput}
        filter={{ pattern, mode: filterMode }}
        onText={setPattern}
        onFilterMode={setFilterMode}
        onEnter={() => void enter()}
        onLeave={() => tree.current?.focus()}
      />
      <ScanHeader index={index} budget={settings.budget} onBudget={settings.setBudget} delimiters={delimiters} onDelimiters={settings.setDelimiters} />
      {notice !== '' && (
        <div className={classes['notice']} role="status">
          <span>{notice}</span>
          <CloseButton size={18} aria-label="Dismiss" onClick={() => setNotice('')} />
        </div>
      )}
      {problem && <ProblemView problem={problem} onRetry={retry} />}
      {view === null ? (
        problem === null && <LoadingRows rows={14} label="Loading keys" />
      ) : (
        <Rows
          key={view.viewId}
          view={view}
          treeRef={tree}
          type={type}
          facts={known}
          onOpen={onOpen}
          onActivateKey={onActivateKey}
          onExpanded={setExpanded}
          onFilterFolder={filterTo}
          onType={typeIntoFilter}
          onClearFilter={clearFilter}
          onAllTypes={() => onType('')}
          onDb={onDb}
        />
      )}
      {opened && <Breadcrumbs opened={opened} delimiters={delimiters} onFolder={goToFolder} />}
    </div>
  );
});

interface RowsProps {
  view: KeyView;
  treeRef: Ref<KeyTreeHandle>;
  type: string;
  facts: RedisFacts | null;
  onOpen: (opened: Opened) => void;
  onActivateKey: () => void;
  onExpanded: (prefixes: readonly WireBytes[]) => void;
  onFilterFolder: (prefix: WireBytes) => void;
  onType: (character: string) => void;
  onClearFilter: () => void;
  onAllTypes: () => void;
  onDb: (db: number) => void;
}

/** The rows, or why there are none. */
function Rows({ view, treeRef, type, facts, onClearFilter, onAllTypes, onDb, ...tree }: RowsProps) {
  const { store } = view;
  const empty = useSyncExternalStore(store.subscribe, () => store.snapshot().ready && store.snapshot().total === 0);
  if (empty) return <NoRows filter={view.filter} type={type} facts={facts} onClearFilter={onClearFilter} onAllTypes={onAllTypes} onDb={onDb} />;
  return <KeyTree ref={treeRef} view={view} onEscape={onClearFilter} {...tree} />;
}
