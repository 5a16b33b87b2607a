import { Button } from '@mantine/core';
import type { ConnectionSnapshot } from '../../shared/contract/connections.ts';
import type { Workspace } from '../../shared/contract/workspaces.ts';
import { errorWords } from '../lib/error-words.ts';
import { useHost } from '../lib/host.ts';
import { useSnapshotStream } from '../lib/streams.ts';
import { useOpenings } from '../lib/workspaces.ts';
import { ConnectionStatus } from './connection-status.tsx';
import { DemoStatus } from './demo-status.tsx';
import { ImpactMeter } from './impact-meter.tsx';
import { JobsStatus } from './jobs-status.tsx';
import { ReadOnlyLock } from './read-only-lock.tsx';
import { TlsBadge } from './tls-badge.tsx';
import { useOpened } from './opened.ts';
import bar from './status-bar.module.css';
import classes from './shell.module.css';

function OpenStatus({ workspace, snapshot }: { workspace: Workspace; snapshot: ConnectionSnapshot }) {
  const { redis, postgres } = snapshot;
  return (
    <>
      {redis !== null && <ConnectionStatus workspace={workspace} name="Redis" side={redis} />}
      {postgres !== null && <ConnectionStatus workspace={workspace} name="Postgres" side={postgres} />}
      <TlsBadge snapshot={snapshot} />
      {redis !== null && <ImpactMeter impact={redis.impact} since={redis.since} />}
      {redis !== null && <ReadOnlyLock workspace={workspace} readOnly={redis.readOnly} />}
    </>
  );
}

function WorkspaceStatus({ workspace }: { workspace: Workspace }) {
  const { client } = useHost();
  const openings = useOpenings();
  const opening = openings.of(workspace.id)?.state === 'opening';
  const opened = useOpened(workspace.id);
  const { snapshot, ended, problem } = useSnapshotStream(
    opened && !opening ? (signal) => client.connections.watch({ workspaceId: workspace.id }, { signal }) : null,
    [workspace.id],
  );
  if (opening) return <span className={bar['item']}>Connecting</span>;
  if (ended) {
    return (
      <>
        <span className={bar['item']} data-tone="amber">
          {problem === null ? 'Closed' : errorWords[problem.code].title}
        </span>
        <Button variant="subtle" h={22} px={6} fz={12} onClick={() => void openings.open(workspace.id)}>
          Open again
        </Button>
      </>
    );
  }
  if (snapshot === null) return <span className={bar['item']}>Not connected</span>;
  return <OpenStatus workspace={workspace} snapshot={snapshot} />;
}

/** The strip at the bottom: connection, latency, impact, lock, demo, jobs. */
export function StatusBar({ workspace }: { workspace: Workspace | null }) {
  return (
    <footer className={classes['status']} aria-label="Status">
      {workspace === null ? <span className={bar['item']}>No workspace open</span> : <WorkspaceStatus key={workspace.id} workspace={workspace} />}
      <div className={bar['spring']} />
      <DemoStatus />
      <JobsStatus />
    </footer>
  );
}
