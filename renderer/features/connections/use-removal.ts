import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { createElement, useState } from 'react';
import type { Problem } from '../../../shared/contract/errors.ts';
import type { Workspace } from '../../../shared/contract/workspaces.ts';
import { useCommands } from '../../lib/commands.ts';
import { useHost } from '../../lib/host.ts';
import { toProblem } from '../../lib/to-problem.ts';
import { UndoMessage } from './undo-message.tsx';

const undoTimeMs = 15_000;

/** Removes a workspace at once and offers to bring it back, by a button and by Ctrl/Cmd-Z. */
export function useRemoval(onProblem: (problem: Problem | null) => void): (workspace: Workspace) => void {
  const { client, orpc } = useHost();
  const queryClient = useQueryClient();
  const [last, setLast] = useState<{ name: string; restoreToken: string } | null>(null);
  const refresh = () => queryClient.invalidateQueries({ queryKey: orpc.workspaces.list.key() });

  const restore = async (name: string, restoreToken: string) => {
    notifications.hide(restoreToken);
    setLast(null);
    try {
      await client.workspaces.restore({ restoreToken });
      notifications.show({ message: `${name} is back` });
    } catch (error) {
      onProblem(toProblem(error));
    }
    await refresh();
  };
  const remove = async (workspace: Workspace) => {
    onProblem(null);
    try {
      const { restoreToken } = await client.workspaces.remove({ workspaceId: workspace.id });
      const { name } = workspace;
      setLast({ name, restoreToken });
      notifications.show({
        id: restoreToken,
        autoClose: undoTimeMs,
        message: createElement(UndoMessage, { text: `Removed ${name} and its secrets`, onUndo: () => void restore(name, restoreToken) }),
      });
    } catch (error) {
      onProblem(toProblem(error));
    }
    await refresh();
  };
  useCommands([
    {
      id: 'connections.undo-removal',
      title: last === null ? 'Undo the removal' : `Bring back ${last.name}`,
      group: 'Connections',
      shortcut: 'mod+z',
      enabled: last !== null,
      run: () => {
        if (last !== null) void restore(last.name, last.restoreToken);
      },
    },
  ]);
  return (workspace) => void remove(workspace);
}
