import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import type { DemoSnapshot } from '../../shared/contract/app.ts';
import type { Problem } from '../../shared/contract/errors.ts';
import { useHost } from './host.ts';
import { useSnapshotStream } from './streams.ts';
import { toProblem } from './to-problem.ts';

interface Demo {
  snapshot: DemoSnapshot | null;
  /** Why starting or stopping was refused. */
  problem: Problem | null;
  start: () => void;
  stop: () => void;
}

/** The demo's servers. Its workspace comes into the list and leaves it with them. */
export function useDemo(): Demo {
  const { client, orpc } = useHost();
  const queryClient = useQueryClient();
  const [problem, setProblem] = useState<Problem | null>(null);
  const { snapshot } = useSnapshotStream((signal) => client.app.demo(undefined, { signal }), []);
  const workspaceId = snapshot?.workspaceId ?? null;

  useEffect(() => {
    void queryClient.invalidateQueries({ queryKey: orpc.workspaces.list.key() });
  }, [queryClient, orpc, workspaceId]);

  const run = useCallback((action: () => Promise<unknown>) => {
    setProblem(null);
    action().catch((error: unknown) => setProblem(toProblem(error)));
  }, []);
  return {
    snapshot,
    problem,
    start: useCallback(() => run(() => client.app.startDemo()), [run, client]),
    stop: useCallback(() => run(() => client.app.stopDemo()), [run, client]),
  };
}
