import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { useHost } from '../lib/host.ts';

/**
 * Whether the host holds this workspace open. Once seen open it counts as open for the life of the view: a
 * connection that breaks later is shown in the status bar, and the screen keeps what it has.
 */
export function useOpened(workspaceId: string): boolean {
  const { orpc } = useHost();
  const { data } = useQuery(orpc.connections.opened.queryOptions());
  const seen = useRef(false);
  if (data?.includes(workspaceId) === true) seen.current = true;
  return seen.current;
}
