import { VisuallyHidden } from '@mantine/core';
import { useId, useImperativeHandle, useRef, useState, type KeyboardEvent, type Ref } from 'react';
import type { Workspace } from '../../../shared/contract/workspaces.ts';
import { useCommands } from '../../lib/commands.ts';
import { navigate } from '../../lib/navigation.ts';
import { useNow } from '../../lib/now.ts';
import { useOpenings } from '../../lib/workspaces.ts';
import { ConnectionRow } from './connection-row.tsx';
import { OpenProblem } from './open-problem.tsx';
import classes from './connection-list.module.css';

export interface ConnectionListHandle {
  focus(): void;
}

interface ConnectionListProps {
  workspaces: readonly Workspace[];
  query: string;
  onEdit: (workspace: Workspace) => void;
  onDuplicate: (workspace: Workspace) => void;
  onRemove: (workspace: Workspace) => void;
  ref?: Ref<ConnectionListHandle>;
}

const pageRows = 10;

/** The workspaces as a grid: arrows move, Enter opens, E edits, D duplicates, Delete removes. */
export function ConnectionList({ workspaces, query, onEdit, onDuplicate, onRemove, ref }: ConnectionListProps) {
  const id = useId();
  const grid = useRef<HTMLDivElement>(null);
  const openings = useOpenings();
  const now = useNow(30_000);
  const [activeId, setActiveId] = useState<string | null>(null);
  const found = workspaces.findIndex((workspace) => workspace.id === activeId);
  const at = found >= 0 ? found : workspaces.length > 0 ? 0 : -1;
  const active = workspaces[at] ?? null;

  useImperativeHandle(ref, () => ({ focus: () => grid.current?.focus() }));
  const open = async (workspace: Workspace) => {
    setActiveId(workspace.id);
    if (await openings.open(workspace.id)) navigate({ screen: 'keys', workspaceId: workspace.id });
  };
  const own = active !== null && !active.demo;
  useCommands([
    { id: 'connections.open', title: `Open ${active?.name ?? 'the connection'}`, group: 'Connections', enabled: active !== null, run: () => active && void open(active) },
    { id: 'connections.edit', title: `Edit ${active?.name ?? 'the connection'}`, group: 'Connections', enabled: own, run: () => active && onEdit(active) },
    { id: 'connections.duplicate', title: `Duplicate ${active?.name ?? 'the connection'}`, group: 'Connections', enabled: active !== null, run: () => active && onDuplicate(active) },
    { id: 'connections.remove', title: `Remove ${active?.name ?? 'the connection'}`, group: 'Connections', enabled: own, run: () => active && onRemove(active) },
  ]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || active === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const last = workspaces.length - 1;
    const target = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: last, PageDown: at + pageRows, PageUp: at - pageRows }[event.key];
    const action = {
      Enter: () => void open(active),
      e: () => own && onEdit(active),
      F2: () => own && onEdit(active),
      d: () => onDuplicate(active),
      Delete: () => own && onRemove(active),
    }[event.key];
    if (target === undefined && action === undefined) return;
    event.preventDefault();
    action?.();
    if (target === undefined) return;
    const next = workspaces[Math.max(0, Math.min(target, last))];
    if (next === undefined) return;
    setActiveId(next.id);
    document.getElementById(`${id}-${next.id}`)?.scrollIntoView({ block: 'nearest' });
  };

  if (workspaces.length === 0) return <p className={classes['nothing']}>No connection fits “{query}”.</p>;
  return (
    <div
      ref={grid}
      role="grid"
      aria-label="Connections"
      aria-rowcount={workspaces.length}
      aria-activedescendant={active === null ? undefined : `${id}-${active.id}`}
      tabIndex={0}
      className={classes['grid']}
      onKeyDown={onKeyDown}
    >
      <div role="row" className={classes['head']}>
        <span role="columnheader">Name</span>
        <span role="columnheader">Environment</span>
        <span role="columnheader">Redis</span>
        <span role="columnheader">Postgres</span>
        <span role="columnheader" className={classes['last']}>
          Last opened
        </span>
        <span role="columnheader">
          <VisuallyHidden>Actions</VisuallyHidden>
        </span>
      </div>
      {workspaces.map((workspace) => {
        const opening = openings.of(workspace.id);
        return (
          <div key={workspace.id} role="rowgroup">
            <ConnectionRow
              id={`${id}-${workspace.id}`}
              workspace={workspace}
              now={now}
              selected={workspace === active}
              opening={opening?.state === 'opening'}
              onSelect={() => setActiveId(workspace.id)}
              onOpen={() => void open(workspace)}
              onEdit={() => onEdit(workspace)}
              onDuplicate={() => onDuplicate(workspace)}
              onRemove={() => onRemove(workspace)}
            />
            {opening?.state === 'failed' && (
              <OpenProblem workspace={workspace} problem={opening.problem} onRetry={() => void open(workspace)} onEdit={() => onEdit(workspace)} />
            )}
          </div>
        );
      })}
    </div>
  );
}
