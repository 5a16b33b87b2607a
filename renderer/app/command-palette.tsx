import { Modal } from '@mantine/core';
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useCommandList, type Command } from '../lib/commands.ts';
import { fuzzyFilter } from '../lib/fuzzy.ts';
import { useWorkspaces } from '../lib/workspaces.ts';
import { Keys } from '../ui/kbd.tsx';
import classes from './command-palette.module.css';

interface CommandPaletteProps {
  opened: boolean;
  onClose: () => void;
  onOpenWorkspace: (workspaceId: string) => void;
}

function useOffers(onOpenWorkspace: (workspaceId: string) => void): readonly Command[] {
  const commands = useCommandList();
  const { data: workspaces } = useWorkspaces();
  return useMemo(
    () => [
      ...commands.filter((command) => command.id !== 'app.palette'),
      ...(workspaces ?? []).map((workspace) => ({
        id: `workspace.${workspace.id}`,
        title: `Open ${workspace.name}`,
        group: `Workspace, ${workspace.environment}`,
        run: () => onOpenWorkspace(workspace.id),
      })),
    ],
    [commands, workspaces, onOpenWorkspace],
  );
}

function PaletteBody({ onClose, onOpenWorkspace }: Omit<CommandPaletteProps, 'opened'>) {
  const id = useId();
  const offers = useOffers(onOpenWorkspace);
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const found = useMemo(() => fuzzyFilter(offers, query, (command) => `${command.title} ${command.group} ${command.keywords ?? ''}`), [offers, query]);
  const at = Math.min(active, found.length - 1);

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [at, found]);

  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    onClose();
    // The dialog gives the focus back as it closes; what the command focuses comes after.
    setTimeout(command.run, 0);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const last = found.length - 1;
    const next = { ArrowDown: at >= last ? 0 : at + 1, ArrowUp: at <= 0 ? last : at - 1, PageDown: Math.min(at + 10, last), PageUp: Math.max(at - 10, 0) }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      setActive(next);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(found[at]);
    }
  };
  return (
    <>
      <input
        className={classes['input']}
        role="combobox"
        aria-label="Command"
        aria-expanded
        aria-autocomplete="list"
        aria-controls={`${id}-list`}
        aria-activedescendant={found.length > 0 ? `${id}-${at}` : undefined}
        placeholder="Type an action or a workspace"
        data-autofocus
        spellCheck={false}
        autoComplete="off"
        value={query}
        onChange={(event) => {
          setQuery(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      {found.length === 0 && <div className={classes['none']}>Nothing fits “{query}”</div>}
      <div ref={list} id={`${id}-list`} role="listbox" aria-label="Actions" className={classes['list']} hidden={found.length === 0}>
        {found.map((command, index) => (
          <div
            key={command.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === at}
            className={classes['option']}
            onMouseMove={() => setActive(index)}
            onClick={() => run(command)}
          >
            <span className={`${classes['title']} la-cut`}>{command.title}</span>
            <span className={classes['group']}>{command.group}</span>
            {command.shortcut !== undefined && <Keys shortcut={command.shortcut} />}
          </div>
        ))}
      </div>
    </>
  );
}

/** Reaches every action by its name. */
export function CommandPalette({ opened, onClose, onOpenWorkspace }: CommandPaletteProps) {
  return (
    <Modal.Root opened={opened} onClose={onClose} padding={0} size={560} yOffset="12vh" transitionProps={{ duration: 0 }}>
      <Modal.Overlay backgroundOpacity={0.45} />
      <Modal.Content aria-label="Command palette">
        <Modal.Body>
          <PaletteBody onClose={onClose} onOpenWorkspace={onOpenWorkspace} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
