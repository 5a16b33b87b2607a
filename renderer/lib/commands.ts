import { useEffect, useRef, useSyncExternalStore } from 'react';
import type { MenuCommand } from '../../shared/menu-commands.ts';
import { useShortcuts } from './keyboard.ts';

/** An action that the palette offers; with a shortcut it also runs by keys, with `menu` by the native menu. */
export interface Command {
  /** Stable and unique: `keys.jump`. */
  id: string;
  /** A verb first: `Jump to key`. */
  title: string;
  group: string;
  /** More words to find it by. */
  keywords?: string;
  shortcut?: string;
  /** The shortcut also works while a text field has the focus; those with Ctrl or Cmd do anyway. */
  inText?: boolean;
  menu?: MenuCommand;
  enabled?: boolean;
  run: () => void;
}

let sources: readonly (readonly Command[])[] = [];
let all: readonly Command[] = [];
const listeners = new Set<() => void>();

function update(next: readonly (readonly Command[])[]): void {
  sources = next;
  const byId = new Map<string, Command>();
  for (const command of sources.flat()) if (command.enabled !== false) byId.set(command.id, command);
  all = [...byId.values()];
  for (const listener of listeners) listener();
}

/** Registers commands while mounted; a later one of the same id takes the place of an earlier one. */
export function useCommands(commands: readonly Command[]): void {
  const latest = useRef(commands);
  const shape = commands
    .map((command) => [command.id, command.title, command.group, command.keywords, command.shortcut, command.menu, command.enabled].join('|'))
    .join('\n');
  useEffect(() => {
    latest.current = commands;
  });
  useEffect(() => {
    const source = latest.current.map((command) => ({
      ...command,
      run: () => latest.current.find((other) => other.id === command.id)?.run(),
    }));
    update([...sources, source]);
    return () => update(sources.filter((other) => other !== source));
  }, [shape]);
  useShortcuts(
    commands.flatMap((command) =>
      command.shortcut === undefined
        ? []
        : [{ keys: command.shortcut, label: command.title, group: command.group, enabled: command.enabled !== false, inText: command.inText === true, run: command.run }],
    ),
  );
}

export function useCommandList(): readonly Command[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => all,
  );
}

/** Runs a command by its id, as the palette would; `false` when no screen offers it now. */
export function runCommand(id: string): boolean {
  const command = all.find((one) => one.id === id);
  command?.run();
  return command !== undefined;
}

/** Runs what stands for an entry of the native menu at this moment; nothing when no screen offers it. */
export function runMenuCommand(menu: MenuCommand): void {
  all.findLast((command) => command.menu === menu)?.run();
}
