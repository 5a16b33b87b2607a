import { Button } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';
import { useHostGeneration } from '../lib/host.ts';
import { navigate } from '../lib/navigation.ts';
import { useOpenings, useWorkspace } from '../lib/workspaces.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { LoadingRows } from '../ui/loading-rows.tsx';
import { ProblemView } from '../ui/problem-view.tsx';
import { useOpened } from './opened.ts';

/** Opens the workspace that the address names, and shows its screen once it is open. */
export function WorkspaceFrame({ workspaceId, children }: { workspaceId: string; children: ReactNode }) {
  const workspace = useWorkspace(workspaceId);
  const generation = useHostGeneration();
  const openings = useOpenings();
  const opening = openings.of(workspaceId);
  const opened = useOpened(workspaceId);
  const { open } = openings;
  const hasRedis = workspace !== null && workspace.redis !== null;

  useEffect(() => {
    void open(workspaceId);
  }, [open, workspaceId, generation]);

  if (opening?.state === 'failed' && !opened) {
    return (
      <ProblemView
        problem={opening.problem}
        fills
        onRetry={() => void open(workspaceId)}
        actions={
          <Button variant="default" onClick={() => navigate({ screen: 'connections', workspaceId: null })}>
            Go to connections
          </Button>
        }
      />
    );
  }
  if (!opened) return <LoadingRows label={`Opening ${workspace?.name ?? 'the workspace'}`} />;
  if (!hasRedis) {
    return (
      <EmptyState
        title="This workspace has no Redis"
        actions={
          <Button variant="default" onClick={() => navigate({ screen: 'connections', workspaceId: null })}>
            Go to connections
          </Button>
        }
      >
        Its Postgres side is connected. Add a Redis to the connection to browse keys.
      </EmptyState>
    );
  }
  return children;
}
