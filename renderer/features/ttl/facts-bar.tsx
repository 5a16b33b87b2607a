import { Button } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconRefresh } from '@tabler/icons-react';
import type { IndexSnapshot } from '../../../shared/contract/keys.ts';
import { exactnessWords, formatAgo, formatDuration, formatRate, formatShare } from '../../lib/format.ts';
import { useNow } from '../../lib/now.ts';
import { Count } from '../../ui/count.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { ProblemView } from '../../ui/problem-view.tsx';
import { Tip } from '../../ui/tip.tsx';
import type { TtlIndex } from './use-ttl-index.ts';
import classes from './ttl.module.css';

const moving = new Set<IndexSnapshot['state']>(['scanning', 'backing-off', 'waiting-for-server']);

function stateWords(snapshot: IndexSnapshot, reading: boolean): string {
  if (snapshot.state === 'backing-off') return 'waiting: the server is busy';
  if (snapshot.state === 'waiting-for-server') return 'waiting for the server';
  if (snapshot.state === 'paused') return 'paused';
  if (snapshot.state === 'failed') return 'stopped';
  if (snapshot.state === 'done') return 'complete';
  return reading ? 'reading expiry' : 'finding names';
}

function ways(snapshot: IndexSnapshot): string {
  const known = snapshot.facts?.ways.filter(({ way }) => way !== null) ?? [];
  const single = known.filter(({ way }) => way === 'pipeline');
  if (known.length === 0) return '';
  if (single.length === 0) return 'One read-only script a page of keys';
  return `Single reads for each key on ${single.map(({ node, reason }) => `${node} (${reason})`).join(', ')}`;
}

interface FactsBarProps {
  index: TtlIndex;
  fields: string;
  onRead: () => void;
  /** Expiries were changed from here since they were read. */
  outdated: boolean;
}

/** How far expiries are read, what the figures are worth, and what can be done about it. */
export function FactsBar({ index, fields, onRead, outdated }: FactsBarProps) {
  const { snapshot, problem } = index;
  const now = useNow(10_000);
  const facts = snapshot?.facts ?? null;
  const reading = facts !== null;
  const coverage = snapshot === null ? 0 : reading ? facts.coverage : snapshot.coverage;
  const state = snapshot === null ? undefined : snapshot.state === 'done' && reading && facts.completedAt === null ? 'scanning' : snapshot.state;
  return (
    <div role="group" aria-label="Expiry read">
      <div className={classes['facts']}>
        {snapshot === null ? (
          <span className={classes['dim']}>Connecting to the index</span>
        ) : (
          <>
            <span className={classes['factsMain']}>
              <Count value={reading ? facts.known : snapshot.keys} exactness={reading ? 'exact' : snapshot.exactness} />
              {reading ? (
                <>
                  {' of '}
                  <Count value={snapshot.keys} exactness={snapshot.exactness} unit="keys" />
                  {' read'}
                </>
              ) : (
                '\u00a0keys'
              )}
            </span>
            <span className={snapshot.state === 'failed' ? classes['red'] : moving.has(snapshot.state) || snapshot.state === 'done' ? classes['dim'] : classes['amber']} role="status">
              {stateWords(snapshot, reading)}
              {snapshot.state === 'done' && reading && facts.completedAt !== null && `, ${exactnessWords(snapshot.exactness)} ${formatAgo(facts.completedAt, now)}`}
            </span>
            <span className={`${classes['dim']} ${classes['fill']} la-number la-cut`}>
              {snapshot.state !== 'done' && formatShare(coverage)}
              {snapshot.state === 'scanning' && snapshot.rate > 0 && ` · ${formatRate(snapshot.rate, 'keys')}`}
              {snapshot.state === 'scanning' && snapshot.etaMs !== null && snapshot.etaMs > 500 && ` · ${formatDuration(Math.ceil(snapshot.etaMs / 1000) * 1000)} left`}
            </span>
            {reading && facts.ways.length > 0 && ways(snapshot) !== '' && (
              <Tip label={ways(snapshot)}>
                <span className={classes['dim']} tabIndex={0}>
                  {facts.ways.some(({ way }) => way === 'pipeline') ? 'single reads' : 'script'}
                </span>
              </Tip>
            )}
          </>
        )}
        {snapshot !== null && moving.has(snapshot.state) && <IconButton label="Pause reading" icon={<IconPlayerPause size={15} />} onClick={index.pause} />}
        {snapshot?.state === 'paused' && <IconButton label="Resume reading" icon={<IconPlayerPlay size={15} />} onClick={index.resume} />}
        {reading && outdated && <span className={classes['amber']}>Expiries were changed since they were read</span>}
        {reading && (
          <Button variant={outdated ? 'filled' : 'default'} leftSection={<IconRefresh size={14} />} onClick={onRead} title={`Reads ${fields} of every key anew`}>
            Read again
          </Button>
        )}
      </div>
      <div
        className={classes['coverage']}
        role="progressbar"
        aria-label={reading ? 'Part of the keys whose expiry is read' : 'Part of the keyspace walked'}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(coverage * 100)}
        data-state={state}
      >
        <div style={{ width: `${coverage * 100}%` }} />
      </div>
      {problem !== null && <ProblemView problem={problem} tone={snapshot?.state === 'waiting-for-server' ? 'warning' : 'error'} onRetry={index.retry} />}
    </div>
  );
}
