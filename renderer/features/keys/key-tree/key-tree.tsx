import { startTransition, useCallback, useEffect, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore, type AriaAttributes, type Ref } from 'react';
import { wireEquals, type WireBytes } from '../../../../shared/bytes.ts';
import type { Problem } from '../../../../shared/contract/errors.ts';
import type { ViewSort } from '../../../../shared/contract/key-facts.ts';
import type { Row } from '../../../../shared/contract/keys.ts';
import { formatCount } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { wireLabel } from '../../../lib/wire-text.ts';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { VirtualRows, type RowMove, type VirtualRowsHandle } from '../../../ui/virtual-rows.tsx';
import { isFiltered } from '../key-filter.ts';
import { useColumns } from '../columns/use-columns.ts';
import { useKeysPlace, type Opened } from '../keys-context.ts';
import { afterToggle, edges, extendTo, isSelected, noSelection, remap, selectAll, selectOne, selectedRows, toggleOne, type Selection } from '../selection.ts';
import { Signal, useSignal } from '../signal.ts';
import type { KeySettings } from '../use-key-settings.ts';
import type { KeyView } from '../use-key-view.ts';
import { useEdits } from '../value-pane/edit/edits-context.ts';
import { FolderRow, KeyRow } from './key-rows.tsx';
import { RowMenu, type MenuAt, type RowMenuActions } from './row-menu.tsx';
import { SelectionBar } from './selection-bar.tsx';
import { TreeHead } from './tree-head.tsx';
import { handleTreeKey, type TreeKeys } from './tree-keys.ts';
import classes from './key-tree.module.css';

export interface KeyTreeHandle {
  focus(): void;
  /** Opens the folders above and goes there; `false` when the view does not hold it. */
  reveal(name: WireBytes, folder: boolean): Promise<boolean>;
  /** Reveals a folder and opens its facts. */
  goToFolder(prefix: WireBytes): void;
}

interface KeyTreeProps {
  view: KeyView;
  settings: Pick<KeySettings, 'hidden' | 'setHidden' | 'widths' | 'setWidths'>;
  onSort: (sort: ViewSort) => void;
  menuActions: RowMenuActions;
  onOpen: (opened: Opened) => void;
  /** Enter or double click on a key. */
  onActivateKey: () => void;
  onExpanded: (prefixes: readonly WireBytes[]) => void;
  onFilterFolder: (prefix: WireBytes) => void;
  /** A character typed in the tree goes to the filter. */
  onType: (character: string) => void;
  onEscape: () => void;
  ref?: Ref<KeyTreeHandle>;
}

/** While an arrow is held down, values are not read for every row that passes. */
const openDelayMs = 120;

export function openedOf(row: Row): Opened {
  return row.kind === 'key' ? { kind: 'key', name: row.name } : { kind: 'folder', prefix: row.prefix };
}

/** The rows of one view, as a tree or a flat list. */
export function KeyTree({ view, settings, onSort, menuActions, onOpen, onActivateKey, onExpanded, onFilterFolder, onType, onEscape, ref }: KeyTreeProps) {
  const { client } = useHost();
  const { meta, index } = useKeysPlace();
  const edits = useEdits();
  const { store, viewId, mode } = view;
  const facts = useSignal(index.facts, (value) => value);
  const columns = useColumns(settings, mode, facts);
  const state = useSyncExternalStore(store.subscribe, store.snapshot);
  const selecting = useMemo(() => new Signal<Selection>(noSelection), []);
  const selection = useSignal(selecting, (value) => value);
  const [menu, setMenu] = useState<MenuAt | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [range, setRange] = useState({ from: 0, to: 0 });
  const rows = useRef<VirtualRowsHandle>(null);
  const shown = useRef(0);
  const opening = useRef<{ at: number | null; timer: ReturnType<typeof setTimeout> | undefined }>({ at: null, timer: undefined });

  useEffect(() => store.follow(() => edges(selecting.get()), (placeOf, total) => selecting.set(remap(selecting.get(), placeOf, total))), [store, selecting]);

  // Before the eye sees the new rows, the list moves by what came or went above them.
  useLayoutEffect(() => {
    if (state.shifted !== shown.current) rows.current?.shift(state.shifted - shown.current);
    shown.current = state.shifted;
  }, [state.shifted]);

  const onRange = useCallback(
    (from: number, to: number) => {
      setRange({ from, to });
      const { focus } = selecting.get();
      const first = rows.current?.firstRow() ?? 0;
      const pinned = focus !== null && focus >= from && focus < to ? focus : first > 0 ? first : null;
      store.show({ first: from, last: Math.max(from, to - 1) }, pinned);
    },
    [store, selecting],
  );

  useEffect(() => {
    const names: WireBytes[] = [];
    for (let at = range.from; at < range.to; at += 1) {
      const row = state.rows.get(at);
      if (row?.kind === 'key') names.push(row.name);
    }
    meta.want(names);
  }, [meta, state.rows, range]);

  const openRow = useCallback(
    (at: number, delayMs: number) => {
      clearTimeout(opening.current.timer);
      opening.current.at = at;
      opening.current.timer = setTimeout(() => {
        const row = store.snapshot().rows.get(opening.current.at ?? -1);
        if (!row) return;
        opening.current.at = null;
        // The pane that opens has much to draw: the keys stay at hand meanwhile.
        startTransition(() => onOpen(openedOf(row)));
      }, delayMs);
    },
    [store, onOpen],
  );
  useEffect(() => {
    // A row that was not there yet when it was asked for.
    const { at } = opening.current;
    if (at !== null && state.rows.has(at)) openRow(at, openDelayMs);
  }, [state.rows, openRow]);
  useEffect(() => {
    const pending = opening.current;
    return () => clearTimeout(pending.timer);
  }, []);

  const onMove = (at: number, { extend, toggle, by }: RowMove) => {
    const now = selecting.get();
    if (extend) selecting.set(extendTo(now, at, toggle && by === 'pointer'));
    else if (toggle && by === 'pointer') selecting.set(toggleOne(now, at));
    else if (toggle) selecting.set({ ...now, focus: at });
    else selecting.set(selectOne(at));
    openRow(at, by === 'key' ? openDelayMs : 0);
  };

  const fail = useCallback((error: unknown) => setProblem(toProblem(error)), []);

  const toggleFolder = useCallback(
    async (folderId: number, open: boolean, deep = false) => {
      try {
        const { total, expanded } = await client.keys.toggle({ viewId, folderId, open, deep });
        setProblem(null);
        const before = store.snapshot();
        const at = [...before.rows].find(([, row]) => row.kind === 'folder' && row.id === folderId)?.[0];
        if (at === undefined) store.refresh();
        else {
          selecting.set(afterToggle(selecting.get(), at, total - before.total));
          store.toggled(at, open, total);
        }
        if (!isFiltered(view.filter)) onExpanded(expanded);
      } catch (error) {
        fail(error);
      }
    },
    [client, viewId, store, selecting, view.filter, onExpanded, fail],
  );

  const reveal = useCallback(
    async (name: WireBytes, folder: boolean) => {
      const { at, expanded } = await client.keys.reveal({ viewId, name, folder });
      if (at === null) return false;
      await store.jump(at);
      selecting.set(selectOne(at));
      requestAnimationFrame(() => rows.current?.scrollToRow(at, 'center'));
      if (!isFiltered(view.filter)) onExpanded(expanded);
      return true;
    },
    [client, viewId, store, selecting, view.filter, onExpanded],
  );
  const goTo = useCallback(
    (at: number) => {
      selecting.set(selectOne(at));
      rows.current?.scrollToRow(at);
      openRow(at, openDelayMs);
    },
    [selecting, openRow],
  );
  const revealFolder = useCallback(
    (prefix: WireBytes) => {
      reveal(prefix, true).then((found) => {
        const row = found ? [...store.snapshot().rows.values()].find((one) => one.kind === 'folder' && wireEquals(one.prefix, prefix)) : undefined;
        if (row) onOpen(openedOf(row));
      }, fail);
    },
    [reveal, store, onOpen, fail],
  );

  useImperativeHandle(ref, () => ({ focus: () => rows.current?.focus(), reveal, goToFolder: revealFolder }), [reveal, revealFolder]);

  const treeKeys: TreeKeys = {
    store,
    selecting,
    toggleFolder: (row, open) => void toggleFolder(row.id, open),
    goTo,
    revealFolder,
    openMenu: (at) => {
      const box = document.querySelector(`.${classes['list']} [data-active]`)?.getBoundingClientRect();
      const row = store.snapshot().rows.get(at);
      // After this key press: an open menu takes keys outside of it as a wish to close.
      if (row && box) setTimeout(() => setMenu({ row, at, x: box.left + 40, y: box.bottom }));
    },
    selectEvery: () => selecting.set(selectAll(selecting.get(), store.snapshot().total)),
    onType,
    onEdit: (key, name) => (key === 'Delete' ? edits.remove(name, null) : edits.ask({ kind: 'rename', name, facts: null })),
    onEscape,
  };

  const onToggle = useCallback((row: Extract<Row, { kind: 'folder' }>) => void toggleFolder(row.id, !row.open), [toggleFolder]);
  const renderRow = (at: number) => {
    const row = state.rows.get(at);
    if (!row) return <div className={classes['waiting']} aria-hidden />;
    return row.kind === 'folder' ? (
      <FolderRow row={row} columns={columns.shown} total={state.keys} onToggle={onToggle} />
    ) : (
      <KeyRow row={row} columns={columns.shown} mode={mode} meta={meta} />
    );
  };

  const failure = state.failure === null ? null : toProblem(state.failure);
  const stuck = failure !== null && failure.code !== 'HOST_UNREACHABLE' && failure.code !== 'NOT_FOUND' ? failure : null;
  return (
    <div ref={columns.ref} className={classes['list']} style={columns.style}>
      <TreeHead columns={columns} mode={mode} facts={facts} sort={view.sort} sorting={state.sorting} onSort={onSort} />
      {(problem ?? stuck) && <ProblemView problem={(problem ?? stuck) as Problem} onRetry={() => (setProblem(null), store.refresh())} />}
      <VirtualRows
        ref={rows}
        label={mode === 'tree' ? 'Key tree' : 'Key list'}
        role={mode === 'tree' ? 'tree' : 'listbox'}
        multiple
        count={state.total}
        active={selection.focus ?? -1}
        isSelected={(at) => isSelected(selection, at)}
        renderRow={renderRow}
        rowAria={(at) => ariaOf(state.rows.get(at), mode)}
        onMove={onMove}
        onActivate={(at) => {
          const row = state.rows.get(at);
          if (row?.kind === 'folder') onToggle(row);
          else if (row) onActivateKey();
        }}
        onRowContextMenu={(at, event) => {
          event.preventDefault();
          const row = state.rows.get(at);
          if (!row) return;
          if (!isSelected(selection, at)) onMove(at, { extend: false, toggle: false, by: 'pointer' });
          setMenu({ row, at, x: event.clientX, y: event.clientY });
        }}
        onKey={(event, active) => handleTreeKey(treeKeys, event, active)}
        onRange={onRange}
      />
      <RowMenu
        menu={menu}
        view={view}
        onClose={() => {
          setMenu(null);
          rows.current?.focus();
        }}
        actions={menuActions}
        onFilterFolder={onFilterFolder}
        onToggle={(folderId, open, deep) => void toggleFolder(folderId, open, deep)}
      />
      {(selection.all || selectedRows(selection) > 1) && (
        <SelectionBar view={view} selection={selection} total={state.keys} onClear={() => selecting.set(selection.focus === null ? noSelection : selectOne(selection.focus))} onProblem={setProblem} />
      )}
    </div>
  );
}

function ariaOf(row: Row | undefined, mode: KeyView['mode']): AriaAttributes {
  if (!row) return { 'aria-label': 'Loading' };
  if (row.kind === 'key') return { 'aria-label': `${wireLabel(mode === 'tree' ? row.label : row.name, 160)}, key`, ...(mode === 'tree' ? { 'aria-level': row.depth + 1 } : {}) };
  const label = `${wireLabel(row.label, 160)}, folder, ${formatCount(row.keys, row.exactness)} keys`;
  return { 'aria-label': label, 'aria-level': row.depth + 1, 'aria-expanded': row.open };
}
