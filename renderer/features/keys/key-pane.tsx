import { CloseButton } from '@mantine/core';
import { IconEraser, IconFilterOff } from '@tabler/icons-react';
import { memo, useCallback, useDeferredValue, useEffect, useImperativeHandle, useMemo, useRef, useSyncExternalStore, type Ref } from 'react';
import type { WireBytes } from '../../../shared/bytes.ts';
import type { RedisFacts } from '../../../shared/contract/connections.ts';
import type { KeyFilter } from '../../../shared/contract/key-filter.ts';
import { fieldsOf } from '../../../shared/redis/key-predicate.ts';
import { openInvalidate } from '../../lib/open-invalidate.ts';
import { toProblem } from '../../lib/to-problem.ts';
import { Count } from '../../ui/count.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { LoadingRows } from '../../ui/loading-rows.tsx';
import { ProblemView } from '../../ui/problem-view.tsx';
import { sortFields } from './columns/columns.ts';
import { ExportDialog, type ExportTarget } from './export-dialog.tsx';
import { NeedFacts } from './facts/need-facts.tsx';
import { ConditionBar } from '../../ui/conditions/condition-bar.tsx';
import { SavedMenu } from './filter/saved-menu.tsx';
import { useFilter } from './filter/use-filter.ts';
import { groupFilter } from './group-filter.ts';
import { isFiltered, noFilter } from './key-filter.ts';
import { FilterBar, PlaceBar } from './key-toolbar.tsx';
import { Breadcrumbs } from './key-tree/breadcrumbs.tsx';
import { KeyTree, type KeyTreeHandle } from './key-tree/key-tree.tsx';
import type { RowMenuActions } from './key-tree/row-menu.tsx';
import { useKeysPlace, type Opened } from './keys-context.ts';
import { GroupSurface } from './namespaces/group-surface.tsx';
import { NoRows } from './no-rows.tsx';
import { ScanHeader } from './scan-header.tsx';
import { useSignal, type Signal } from './signal.ts';
import { SnapshotsDialog } from './snapshots/snapshots-dialog.tsx';
import { SuggestDelimiters } from './suggest-delimiters.tsx';
import { useKeyCommands } from './use-key-commands.ts';
import { viewModeOf, type KeySettings, type Surface } from './use-key-settings.ts';
import { useKeyView, type KeyView } from './use-key-view.ts';
import { usePlaceState } from './use-place-state.ts';
import classes from './keys.module.css';

export interface KeyPaneHandle {
  focus(): void;
  /** Shows where a key stands; says so in a notice when the view does not hold it. */
  reveal(name: WireBytes): Promise<void>;
  filterTo(filter: KeyFilter): void;
  /** Opens the folders above in the tree, whatever was shown. */
  showInTree(prefix: WireBytes): void;
  export(target: ExportTarget): void;
  /** `group`: the folder or template that a snapshot may be of. */
  openSnapshots(group: KeyFilter | null): void;
}

interface KeyPaneProps {
  settings: KeySettings;
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

const noTypes: readonly string[] = [];
const filterCommands = { id: 'keys.filter', group: 'Keys' };

/** The left half: what to show, how far the index is, and the rows. */
export const KeyPane = memo(function KeyPane(props: KeyPaneProps) {
  const { settings, facts, type, onType, onDb, opened, onOpen, onActivateKey, onJumpDialog, onJump, ref } = props;
  const { index, workspaceId, db } = useKeysPlace();
  const at = `${workspaceId} ${db}`;
  const known = useSignal(facts, (value) => value);
  const factsState = useSignal(index.facts, (value) => value);
  const [notice, setNotice] = usePlaceState(at, '');
  const [exporting, setExporting] = usePlaceState<ExportTarget | null>(at, null);
  const [snapshots, setSnapshots] = usePlaceState<{ group: KeyFilter | null } | null>(at, null);
  /** The folder that namespaces and treemap look into. */
  const [parent, setParent] = usePlaceState<WireBytes | null>(at, null);
  const filterInput = useRef<HTMLInputElement>(null);
  const tree = useRef<KeyTreeHandle>(null);
  const { surface, setSurface, expanded, setExpanded, delimiters, setSort } = settings;
  // The switch itself answers at once; what it leads to may take many rows, and is drawn in slices.
  const shownSurface = useDeferredValue(surface);
  const mode = viewModeOf(surface);
  const filtering = useFilter(at, settings);
  const { filter, pattern, setPattern, setFilter } = filtering;
  const { view, problem, retry } = useKeyView(at, index, { mode, filter, sort: mode === 'list' ? settings.sort : null, expanded: () => expanded });
  const refused = problem !== null && problem.code === 'INVALID_INPUT' && filter.mode === 'regex' ? problem.message : '';

  const filterTo = useCallback(
    (prefix: WireBytes) => setFilter({ ...filter, pattern: prefix, mode: 'prefix' }),
    [setFilter, filter],
  );
  const goToFolder = useCallback(
    (prefix: WireBytes) => {
      if (surface === 'tree') tree.current?.goToFolder(prefix);
      else if (surface === 'list' || surface === 'top') filterTo(prefix);
      else setParent(prefix);
    },
    [surface, filterTo, setParent],
  );
  const clearFilter = useCallback(() => setFilter({ ...noFilter, mode: filter.mode }), [setFilter, filter.mode]);
  const typeIntoFilter = useCallback(
    (character: string) => {
      filterInput.current?.focus();
      setPattern((before) => (typeof before === 'string' ? before + character : character));
    },
    [setPattern],
  );
  const reveal = useCallback(async (name: WireBytes) => {
    if (tree.current === null) return;
    const found = await tree.current.reveal(name, false);
    setNotice(found ? '' : 'Opened. The list does not hold this key: the filter hides it, or the scan has not come to it yet.');
  }, [setNotice]);
  const lookInto = useCallback(
    (where: Surface) => (prefix: WireBytes) => {
      setParent(prefix);
      setSurface(where);
    },
    [setSurface, setParent],
  );
  const [wanted, setWanted] = usePlaceState<WireBytes | null>(at, null);
  const showInTree = useCallback(
    (prefix: WireBytes) => {
      setSurface('tree');
      setWanted(prefix);
    },
    [setSurface, setWanted],
  );
  useEffect(() => {
    if (wanted === null || surface !== 'tree' || view?.mode !== 'tree' || tree.current === null) return;
    tree.current.goToFolder(wanted);
    setWanted(null);
  }, [wanted, surface, shownSurface, view, setWanted]);
  const openSnapshots = useCallback((group: KeyFilter | null) => setSnapshots({ group }), [setSnapshots]);
  const openAllSnapshots = useCallback(() => openSnapshots(null), [openSnapshots]);
  useImperativeHandle(ref, () => ({ focus: () => tree.current?.focus(), reveal, filterTo: setFilter, showInTree, export: setExporting, openSnapshots }), [reveal, setFilter, showInTree, setExporting, openSnapshots]);

  const enter = useCallback(async () => {
    if (pattern === '') return;
    try {
      if (!(await onJump(pattern))) setNotice('No key has exactly this name.');
    } catch (error) {
      setNotice(toProblem(error).message);
    }
  }, [pattern, onJump, setNotice]);
  const present = useRef(view);
  useEffect(() => {
    present.current = view;
  });
  const exportView = useCallback(() => {
    if (present.current !== null) setExporting({ viewId: present.current.viewId, folderId: null, prefix: null });
  }, [setExporting]);
  // The type beside the filter narrows as well; where both name types that exclude each other, nothing is left to invalidate.
  const nothingLeft = type !== '' && filter.types !== undefined && !filter.types.includes(type);
  const invalidate = useCallback(() => {
    if (!nothingLeft) openInvalidate(workspaceId, { kind: 'filter', db, filter: type === '' ? filter : { ...filter, types: [type] } });
  }, [workspaceId, db, filter, type, nothingLeft]);
  useKeyCommands({ onInvalidate: invalidate, surface, onSurface: setSurface, onSort: setSort, index, viewReady: view !== null, filtered: isFiltered(filter), onExport: exportView, onSnapshots: openAllSnapshots, onClearFilter: clearFilter });
  useEffect(() => setNotice(''), [filter, setNotice]);

  const read = factsState?.fields ?? [];
  const sortNeeds = mode === 'list' ? sortFields(settings.sort) : [];
  const filterNeeds = fieldsOf(filter).filter((field) => !read.includes(field));
  const menuActions: RowMenuActions = { onExport: setExporting, onNamespaces: lookInto('namespaces'), onTreemap: lookInto('treemap'), onSnapshot: (prefix) => openSnapshots(groupFilter({ kind: 'folder', prefix })) };

  const { conditions, setConditions, setMode } = filtering;
  const recency = factsState?.recency ?? null;
  const matching = isFiltered(filter) && refused === '' ? view : null;
  // made anew only when it changes: it costs more than the rows, and the rows come while the user waits
  const filterBar = useMemo(
    () => (
      <FilterBar
        ref={filterInput}
        filter={{ ...filter, pattern }}
        error={refused}
        type={type}
        onType={onType}
        facts={known}
        onText={setPattern}
        onFilterMode={setMode}
        onEnter={() => void enter()}
        onLeave={() => tree.current?.focus()}
      >
        <ConditionBar commands={filterCommands} conditions={conditions} onConditions={setConditions} recency={recency} types={noTypes}>
          <SavedMenu filter={filter} onApply={setFilter} />
          {isFiltered(filter) && <IconButton label="Clear all" icon={<IconFilterOff size={14} />} onClick={clearFilter} />}
            {(isFiltered(filter) || type !== '') && refused === '' && <IconButton label="Invalidate what the filter takes" disabled={nothingLeft} icon={<IconEraser size={14} />} onClick={invalidate} />}
          {matching !== null && <Matches view={matching} />}
        </ConditionBar>
      </FilterBar>
    ),
    [filter, pattern, refused, type, onType, known, setPattern, setMode, enter, conditions, setConditions, recency, setFilter, clearFilter, matching, nothingLeft, invalidate],
  );

  return (
    <div className={classes['pane']}>
      <PlaceBar surface={surface} onSurface={setSurface} db={db} onDb={onDb} facts={known} onJump={onJumpDialog} onExport={exportView} onSnapshots={openAllSnapshots} />
      {filterBar}
      <ScanHeader index={index} budget={settings.budget} onBudget={settings.setBudget} delimiters={delimiters} onDelimiters={settings.setDelimiters} />
      <NeedFacts index={index} fields={filterNeeds} because="The filter asks for" />
      {filterNeeds.length === 0 && <NeedFacts index={index} fields={sortNeeds.filter((field) => !read.includes(field))} because="The order asks for" />}
      <SuggestDelimiters index={index} delimiters={delimiters} onDelimiters={settings.setDelimiters} />
      {notice !== '' && (
        <div className={classes['notice']} role="status">
          <span>{notice}</span>
          <CloseButton size={18} aria-label="Dismiss" onClick={() => setNotice('')} />
        </div>
      )}
      {problem && refused === '' && <ProblemView problem={problem} onRetry={retry} />}
      {view === null ? (
        problem === null && <LoadingRows rows={14} label="Loading keys" />
      ) : mode === view.mode && (shownSurface === 'tree' || shownSurface === 'list') ? (
        <Rows
          key={view.viewId}
          view={view}
          settings={settings}
          onSort={setSort}
          menuActions={menuActions}
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
      ) : (
        <GroupSurface
          surface={shownSurface === 'treemap' || shownSurface === 'top' ? shownSurface : 'namespaces'}
          viewId={isFiltered(view.filter) ? view.viewId : null}
          parent={parent}
          onParent={setParent}
          delimiters={delimiters}
          onOpen={onOpen}
          onActivateKey={onActivateKey}
          onTable={() => setSurface('namespaces')}
          onSnapshot={openSnapshots}
          onShowKeys={(wanted) => {
            setFilter(wanted);
            setSurface('list');
          }}
        />
      )}
      {opened && <Breadcrumbs opened={opened} delimiters={delimiters} onFolder={goToFolder} />}
      <ExportDialog target={exporting} onClose={() => setExporting(null)} onStarted={() => setNotice('The file is being written. The jobs in the status bar show where.')} />
      <SnapshotsDialog opened={snapshots !== null} parts={{ group: snapshots?.group ?? null, filter: isFiltered(filter) ? filter : null }} onClose={() => setSnapshots(null)} />
    </div>
  );
});

/** How many keys pass the filter, and what the number is worth. */
function Matches({ view }: { view: KeyView }) {
  const { store } = view;
  const keys = useSyncExternalStore(store.subscribe, () => store.snapshot().keys);
  const exactness = useSyncExternalStore(store.subscribe, () => store.snapshot().exactness);
  return (
    <span className={classes['matches']} role="status" aria-label="Matches">
      <Count value={keys} exactness={exactness} unit={keys === 1 ? 'key matches' : 'keys match'} />
    </span>
  );
}

interface RowsProps {
  view: KeyView;
  settings: KeySettings;
  onSort: KeySettings['setSort'];
  menuActions: RowMenuActions;
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
