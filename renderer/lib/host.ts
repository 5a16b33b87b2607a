import { createTanstackQueryUtils } from '@orpc/tanstack-query';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createContext, createElement, useContext, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from 'react';
import type { HostClient } from '../../shared/contract/contract.ts';
import type { HostConnection, HostLinkState } from './transport/connect-host.ts';
import { toProblem } from './to-problem.ts';

function createUtils(client: HostClient) {
  return createTanstackQueryUtils(client);
}

export interface HostAccess {
  /** Calls and streams, typed by the contract. */
  readonly client: HostClient;
  /** The same as options and keys for TanStack Query: `useQuery(orpc.workspaces.list.queryOptions())`. */
  readonly orpc: ReturnType<typeof createUtils>;
  readonly connection: HostConnection;
}

interface HostValue extends HostAccess {
  /** Grows each time the link to the host comes back; streams subscribe anew. */
  readonly generation: number;
}

const HostContext = createContext<HostValue | null>(null);

function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // The host is on this machine: what fails there does not get better by asking again; a lost link does.
        retry: (failures, error) => failures < 3 && toProblem(error).code === 'HOST_UNREACHABLE',
        networkMode: 'always',
        refetchOnWindowFocus: false,
        staleTime: 5_000,
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
}

/** Gives all below it the host, the query client, and a new generation whenever the link comes back. */
export function HostProvider({ connection, children }: { connection: HostConnection; children: ReactNode }) {
  const queryClient = useMemo(createQueryClient, []);
  const orpc = useMemo(() => createUtils(connection.client), [connection]);
  const [generation, setGeneration] = useState(0);

  useEffect(() => {
    let wasConnected = connection.state().kind === 'connected';
    return connection.onState(() => {
      const connected = connection.state().kind === 'connected';
      if (connected && !wasConnected) {
        setGeneration((before) => before + 1);
        void queryClient.invalidateQueries();
      }
      wasConnected = connected;
    });
  }, [connection, queryClient]);

  const value = useMemo(() => ({ client: connection.client, orpc, connection, generation }), [connection, orpc, generation]);
  return createElement(HostContext.Provider, { value }, createElement(QueryClientProvider, { client: queryClient }, children));
}

function useHostValue(): HostValue {
  const value = useContext(HostContext);
  if (value === null) throw new Error('useHost is used outside of HostProvider');
  return value;
}

export function useHost(): HostAccess {
  return useHostValue();
}

/** Grows each time the link to the host comes back. Name it as a dependency of whatever lives in the host only. */
export function useHostGeneration(): number {
  return useHostValue().generation;
}

/** Whether the page still has its host, for the banner. */
export function useHostLink(): { state: HostLinkState; reconnect: () => void } {
  const { connection } = useHostValue();
  const state = useSyncExternalStore(connection.onState, connection.state);
  return { state, reconnect: connection.reconnect };
}
