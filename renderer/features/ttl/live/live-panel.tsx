import { Button, Chip, Group } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconRadar2 } from '@tabler/icons-react';
import { useCallback, useState } from 'react';
import type { RedisFacts } from '../../../../shared/contract/connections.ts';
import { liveEventKinds, type LiveCheck } from '../../../../shared/contract/live-events.ts';
import type { Problem } from '../../../../shared/contract/errors.ts';
import { useHost } from '../../../lib/host.ts';
import { useSetting } from '../../../lib/settings.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { Badge } from '../../../ui/badge.tsx';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { LoadingRows } from '../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { useTtlPlace } from '../ttl-place.ts';
import { useAnswer } from '../use-answer.ts';
import type { LiveEventKind } from './live-history.ts';
import { LiveView } from './live-view.tsx';
import classes from '../ttl.module.css';

const kindNames: Record<LiveEventKind, string> = {
  expired: 'Expired',
  evicted: 'Evicted',
  miss: 'Misses',
  new: 'New keys',
  generic: 'Generic (DEL, EXPIRE …)',
  string: 'String',
  hash: 'Hash',
  list: 'List',
  set: 'Set',
  zset: 'Sorted set',
  stream: 'Stream',
};

const restoredAfterMs = 500;

function isKinds(value: unknown): value is LiveEventKind[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => (liveEventKinds as readonly unknown[]).includes(one));
}

/** What expires and is evicted now, by keyspace notifications, which the server has to be told to send. */
export function LivePanel({ facts }: { facts: RedisFacts | null }) {
  const { client } = useHost();
  const { workspaceId } = useTtlPlace();
  const [kinds, setKinds] = useSetting<LiveEventKind[]>(`ttl.live-kinds.${workspaceId}`, ['expired', 'evicted'], isKinds);
  const [listening, setListening] = useState(false);
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const wanted = kinds.join();
  const check = useAnswer<LiveCheck>((signal) => client.liveEvents.check({ workspaceId, kinds }, { signal }), [client, workspaceId, wanted], null);
  const { retry } = check;
  // The host gives a setting back a moment after the last one has left.
  const refresh = useCallback(() => void setTimeout(retry, restoredAfterMs), [retry]);
  const restore = () => {
    setProblem(null);
    client.liveEvents.restore({ workspaceId }).then(refresh, (error: unknown) => setProblem(toProblem(error)));
  };
  const ours = check.value?.nodes.some((node) => node.ours) ?? false;
  return (
    <div className={classes['panel']}>
      <div className={classes['bar']} role="group" aria-label="Live events">
        <Chip.Group
          multiple
          value={kinds}
          onChange={(next) => {
            if (next.length > 0) setKinds(liveEventKinds.filter((kind) => next.includes(kind)));
          }}
        >
          <Group gap={4}>
            {liveEventKinds.map((kind) => (
              <Chip key={kind} size="xs" radius="sm" value={kind}>
                {kindNames[kind]}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
        <span className={classes['fill']} />
        {ours && (
          <Button variant="default" onClick={restore}>
            Restore the setting now
          </Button>
        )}
        {listening ? (
          <Button variant="default" leftSection={<IconPlayerPause size={14} />} onClick={() => setListening(false)}>
            Stop listening
          </Button>
        ) : (
          <Button variant="default" leftSection={<IconPlayerPlay size={14} />} disabled={check.value === null} onClick={() => setListening(true)}>
            Listen
          </Button>
        )}
      </div>
      {kinds.includes('miss') && (
        <div className={classes['notice']}>
          <span className={classes['amber']}>Misses load the server: it tells of every read of a name that does not exist.</span>
        </div>
      )}
      {problem !== null && <ProblemView problem={problem} />}
      {check.value === null ? (
        check.problem === null ? (
          <LoadingRows rows={5} label="Asking what the server tells of" />
        ) : (
          <ProblemView problem={check.problem} onRetry={retry} fills />
        )
      ) : (
        <>
          <Setting check={check.value} onEnable={() => setAsking(true)} />
          {listening ? (
            <LiveView kinds={kinds} kindNames={kindNames} facts={facts} onGone={refresh} />
          ) : (
            <EmptyState icon={<IconRadar2 size={28} stroke={1.5} />} title="Not listening">
              {check.value.enough
                ? 'The server tells of these events. Listening takes a connection of its own to each master and changes nothing.'
                : 'The server does not tell of all of these events as it is set now. Listening without a change shows what it does tell of.'}
            </EmptyState>
          )}
        </>
      )}
      <EnableDialog
        check={asking ? check.value : null}
        kinds={kinds}
        onClose={() => setAsking(false)}
        onEnabled={() => {
          refresh();
          setListening(true);
        }}
      />
    </div>
  );
}

/** What `notify-keyspace-events` is on each node, and what it would have to be. */
function Setting({ check, onEnable }: { check: LiveCheck; onEnable: () => void }) {
  return (
    <div style={{ borderBottom: '1px solid var(--la-line)' }}>
      <table className={classes['table']} aria-label="Setting of the servers">
        <thead>
          <tr>
            <th>Node</th>
            <th>notify-keyspace-events</th>
            <th>Needed</th>
            <th>State</th>
          </tr>
        </thead>
        <tbody>
          {check.nodes.map((node) => (
            <tr key={node.node}>
              <td className="la-mono">{node.node}</td>
              <td className="la-mono">{node.flags === null ? 'may not be read' : node.flags === '' ? '"" (off)' : node.flags}</td>
              <td className="la-mono">{node.wanted ?? '–'}</td>
              <td>
                {node.problem !== null ? (
                  <span className={classes['red']}>{node.problem.message}</span>
                ) : node.enough ? (
                  <Badge tone="green">{node.ours ? 'set by Lookaside' : 'tells of all'}</Badge>
                ) : (
                  <Badge tone="amber">does not tell of all</Badge>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {!check.enough && (
        <div className={classes['notice']}>
          <span className={classes['fill']}>{check.canEnable ? 'The setting can be changed for as long as it is watched, and is restored after.' : check.advice}</span>
          {check.canEnable && <Button onClick={onEnable}>Change the setting …</Button>}
        </div>
      )}
    </div>
  );
}

interface EnableDialogProps {
  check: LiveCheck | null;
  kinds: LiveEventKind[];
  onClose: () => void;
  onEnabled: () => void;
}

function EnableDialog({ check, kinds, onClose, onEnabled }: EnableDialogProps) {
  const { client } = useHost();
  const { workspaceId, workspaceName } = useTtlPlace();
  const nodes = check?.nodes.filter((node) => !node.enough && node.wanted !== null) ?? [];
  return (
    <ConfirmDialog
      opened={check !== null}
      onClose={onClose}
      title="Change a setting of the server"
      confirmLabel={`Set it on ${nodes.length === 1 ? '1 node' : `${nodes.length} nodes`} of ${workspaceName}`}
      onConfirm={async () => {
        await client.liveEvents.enable({ workspaceId, kinds, consent: true });
        onEnabled();
      }}
    >
      <p className={classes['dim']}>CONFIG SET notify-keyspace-events, flags that are set already stay set:</p>
      <ul style={{ margin: '8px 0', paddingLeft: 20 }}>
        {nodes.map((node) => (
          <li key={node.node} className="la-mono">
            {node.node}: &quot;{node.flags}&quot; → &quot;{node.wanted}&quot;
          </li>
        ))}
      </ul>
      <p className={classes['dim']}>
        The earlier values are on this machine&rsquo;s disk first. They are restored when the last view stops listening, when Lookaside closes, and at the next start after a crash, each only where the value is still the one that was set. Events cost the server a
        little for each key that expires.
      </p>
    </ConfirmDialog>
  );
}
