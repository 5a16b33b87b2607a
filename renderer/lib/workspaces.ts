import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, createElement, useCallback, useContext, useMemo, useState, type ReactNode } from 'react';
import type { Problem } from '../../shared/contract/errors.ts';
import type { SecretChanges, Workspace } from '../../shared/contract/workspaces.ts';
import { useHost } from './host.ts';
import { toProblem } from './to-problem.ts';

/** How an attempt to open a workspace goes. Absent: none was made, or the workspace is open. */
export type Opening = { state: 'opening' } | { state: 'failed'; problem: Problem };

interface Openings {
  of(workspaceId: string): Opening | null;
  /** Opens it; resolves to whether it is open. Secrets given here live for the session only. */
  open(workspaceId: string, secrets?: SecretChanges): Promise<boolean>;
  forget(workspaceId: string): void;
}

const OpeningsContext = createContext<Openings | null>(null);

/** Attempts to open workspaces, shared by the list of connections and the shell. */
export function OpeningsProvider({ children }: { children: ReactNode }) {
  const { client, orpc } = useHost();
  const queryClient = useQueryClient();
  const [openings, setOpenings] = useState<ReadonlyMap<string, Opening>>(new Map());

  const put = useCallback((workspaceId: string, opening: Opening | null) => {
    setOpenings((before) => {
      const next = new Map(before);
      if (opening === null) next.delete(workspaceId);
      else next.set(workspaceId, opening);
      return next;
    });
  }, []);

  const open = useCallback(
    async (workspaceId: string, secrets: SecretChanges = {}) => {
      put(workspaceId, { state: 'opening' });
      try {
        await client.connections.open({ workspaceId, secrets });
        put(workspaceId, null);
        return true;
      } catch (error) {
        put(workspaceId, { state: 'failed', problem: toProblem(error) });
        return false;
      } finally {
        void queryClient.invalidateQueries({ queryKey: orpc.workspaces.list.key() });
        void queryClient.invalidateQueries({ queryKey: orpc.connections.opened.key() });
      }
    },
    [client, orpc, put, queryClient],
  );

  const value = useMemo(
    () => ({ of: (workspaceId: string) => openings.get(workspaceId) ?? null, open, forget: (workspaceId: string) => put(workspaceId, null) }),
    [openings, open, put],
  );
  return createElement(OpeningsContext.Provider, { value }, children);
}

export function useOpenings(): Openings {
  const value = useContext(OpeningsContext);
  if (value === null) throw new Error('useOpenings is used outside of OpeningsProvider');
  return value;
}

/** All saved workspaces, most recently opened first. */
export function useWorkspaces() {
  const { orpc } = useHost();
  return useQuery(orpc.workspaces.list.queryOptions());
}

export function useWorkspace(workspaceId: string | null): Workspace | null {
  const { data } = useWorkspaces();
  return data?.find((workspace) => workspace.id === workspaceId) ?? null;
}
