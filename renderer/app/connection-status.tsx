import { Button } from '@mantine/core';
import { IconCircleCheckFilled, IconCircleDashed, IconCircleXFilled, IconClock, IconPlugConnectedX } from '@tabler/icons-react';
import type { PostgresStatus, RedisFacts, RedisStatus } from '../../shared/contract/connections.ts';
import type { Workspace } from '../../shared/contract/workspaces.ts';
import { formatDateTime, formatDuration, formatExact } from '../lib/format.ts';
import { useHost } from '../lib/host.ts';
import { useNow } from '../lib/now.ts';
import { FactList } from '../ui/fact-list.tsx';
import { ProblemView } from '../ui/problem-view.tsx';
import { tellProblem } from '../ui/tell-problem.ts';
import { TlsFactsView } from '../ui/tls-facts-view.tsx';
import { StatusItem } from './status-item.tsx';
import classes from './status-bar.module.css';

type Side = RedisStatus | PostgresStatus;

const looks = {
  ready: { Icon: IconCircleCheckFilled, tone: 'green', words: 'connected' },
  connecting: { Icon: IconCircleDashed, tone: 'amber', words: 'connecting' },
  reconnecting: { Icon: IconClock, tone: 'amber', words: 'reconnecting' },
  failed: { Icon: IconCircleXFilled, tone: 'red', words: 'failed' },
  closed: { Icon: IconPlugConnectedX, tone: 'red', words: 'closed' },
} as const;

function stateWords(side: Side, now: number): string {
  if (side.state !== 'reconnecting' || side.nextAttemptAt === null) return looks[side.state].words;
  const seconds = Math.max(0, Math.ceil((side.nextAttemptAt - now) / 1000));
  return seconds > 0 ? `reconnecting in ${seconds} s` : 'reconnecting';
}

function ServerFacts({ side }: { side: Side }) {
  const { facts } = side;
  if (facts === null) return null;
  if ('database' in facts) {
    return (
      <FactList
        facts={[
          ['Server', `PostgreSQL ${facts.version}`],
          ['Database', facts.database],
          ['User', facts.superuser ? `${facts.user} (superuser)` : facts.user],
          ['Role', facts.inRecovery ? 'standby, read-only' : 'primary'],
        ]}
      />
    );
  }
  return <RedisServerFacts facts={facts} />;
}

function RedisServerFacts({ facts }: { facts: RedisFacts }) {
  return (
    <>
      <FactList
        facts={[
          ['Server', `${facts.flavour} ${facts.version}`],
          ['Topology', facts.topology],
          ['User', facts.user],
          ['Eviction', facts.maxmemoryPolicy ?? 'not known: this user may not ask'],
        ]}
      />
      {facts.nodes.length > 1 && (
        <div>
          <h3 className={classes['heading']}>Nodes</h3>
          {facts.nodes.map((node) => (
            <div key={node.id} className={classes['node']}>
              {node.up ? <IconCircleCheckFilled size={13} color="var(--la-green)" aria-label="up" /> : <IconCircleXFilled size={13} color="var(--la-red)" aria-label="down" />}
              <span className="la-mono">
                {node.host}:{node.port}
              </span>
              <span className={classes['note']}>
                {node.role}
                {node.slots > 0 && `, ${formatExact(node.slots)} slots`}
              </span>
            </div>
          ))}
        </div>
      )}
      {facts.missing.length > 0 && (
        <div>
          <h3 className={classes['heading']}>Not available here</h3>
          {facts.missing.map((missing) => (
            <p key={missing.feature} className={classes['note']}>
              {missing.feature}: {missing.reason}
            </p>
          ))}
        </div>
      )}
    </>
  );
}

/** One side of the workspace: its state and latency, with all that is known of it above. */
export function ConnectionStatus({ workspace, name, side }: { workspace: Workspace; name: string; side: Side }) {
  const { client } = useHost();
  const now = useNow(side.state === 'reconnecting' ? 250 : null);
  const { Icon, tone } = looks[side.state];
  const words = stateWords(side, now);
  const latency = side.state === 'ready' && side.latencyMs !== null ? formatDuration(side.latencyMs) : null;
  const retry = () => void client.connections.retry({ workspaceId: workspace.id }).catch(tellProblem);
  return (
    <>
      <StatusItem
        label={`${name}: ${words}${latency === null ? '' : `, latency ${latency}`}`}
        tone={tone === 'green' ? undefined : tone}
        panel={() => (
          <>
            <h2 className={classes['heading']}>
              {name}: {words}
            </h2>
            {side.problem !== null && <ProblemView problem={side.problem} onRetry={side.state === 'ready' ? undefined : retry} retryLabel="Retry now" />}
            <FactList
              facts={[
                ['Since', formatDateTime(side.since)],
                ['Latency', latency === null ? 'not measured' : `${latency}, median of the last pings`],
                ...(side.attempt > 0 ? [['Attempts', formatExact(side.attempt)] as const] : []),
                ...(side.sshPath.length > 0 ? [['SSH', side.sshPath.join(' → ')] as const] : []),
              ]}
            />
            <ServerFacts side={side} />
            {side.tls !== null && <TlsFactsView tls={side.tls} />}
          </>
        )}
      >
        <Icon size={13} color={tone === 'green' ? 'var(--la-green)' : 'currentColor'} aria-hidden />
        {name}
        {side.state !== 'ready' && ` ${words}`}
        {latency !== null && <span className="la-number">{latency}</span>}
      </StatusItem>
      {(side.state === 'reconnecting' || side.state === 'failed') && (
        <Button variant="subtle" h={22} px={6} fz={12} onClick={retry}>
          Retry now
        </Button>
      )}
    </>
  );
}
