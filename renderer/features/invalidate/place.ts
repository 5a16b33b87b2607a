import { createContext, useContext, useMemo, useSyncExternalStore } from 'react';
import type { RedisFacts } from '../../../shared/contract/connections.ts';
import type { Environment } from '../../../shared/contract/workspaces.ts';
import { useHost } from '../../lib/host.ts';
import { sessionOf, type InvalidateSession, type SessionState } from './session.ts';

/** What every part of the screen works on. */
export interface InvalidatePlace {
  readonly workspaceId: string;
  readonly workspaceName: string;
  readonly environment: Environment;
  /** The database of the key browser. */
  readonly db: number;
  readonly facts: RedisFacts | null;
  /** Writes are refused until somebody unlocks. */
  readonly readOnly: boolean;
  readonly session: InvalidateSession;
  /** Shows one run with its details. */
  readonly openRun: (runId: string) => void;
}

export const InvalidatePlaceContext = createContext<InvalidatePlace | null>(null);

export function useInvalidatePlace(): InvalidatePlace {
  const place = useContext(InvalidatePlaceContext);
  if (place === null) throw new Error('useInvalidatePlace is used outside of the invalidation screen');
  return place;
}

export function useSession(workspaceId: string, db: number): InvalidateSession {
  const { client } = useHost();
  return useMemo(() => sessionOf(client, workspaceId, db), [client, workspaceId, db]);
}

export function useSessionState(): SessionState {
  const { session } = useInvalidatePlace();
  return useSyncExternalStore(session.subscribe, session.snapshot);
}
