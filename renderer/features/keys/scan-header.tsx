import { SegmentedControl, TagsInput } from '@mantine/core';
import { IconAdjustments, IconPlayerPause, IconPlayerPlay, IconRefresh, IconServer2 } from '@tabler/icons-react';
import { memo } from 'react';
import type { IndexSnapshot } from '../../../shared/contract/keys.ts';
import { formatBytes, formatDuration, formatRate, formatShare } from '../../lib/format.ts';
import { useHost } from '../../lib/host.ts';
import { toProblem } from '../../lib/to-problem.ts';
import { Count } from '../../ui/count.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { ProblemView } from '../../ui/problem-view.tsx';
import { Tip } from '../../ui/tip.tsx';
import { FactsControl } from './facts/facts-control.tsx';
import { FactsLine } from './facts/facts-line.tsx';
import { IconPopover } from './icon-popover.tsx';
import { useKeysPlace } from './keys-context.ts';
import { NodeProgress } from './node-progress.tsx';
import { useSignal } from './signal.ts';
import type { KeyIndex } from './use-key-index.ts';
import classes from './keys.module.css';

/** Shares of one core's time that the scan may take on each master. */
export const budgets = [
  { value: '', label: 'Auto' },
  { value: '0.1', label: '10 %' },
  { value: '0.25', label: '25 %' },
  { value: '0.5', label: '50 %' },
  { value: '1', label: 'Full' },
] as const;

interface ScanHeaderProps {
  index: KeyIndex;
  budget: string;
  onBudget: (budget: string) => void;
  delimiters: readonly string[];
  onDelimiters: (delimiters: string[]) => void;
}

function clock(at: number): string {
  return new Date(at).toLocaleTimeString([], { hourCycle: 'h23', hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

const stateWords: Record<IndexSnapshot['state'], string> = {
  scanning: 'Scanning',
  'backing-off': 'Waiting: the server is busy',
  paused: 'Paused',
  'waiting-for-server': 'Waiting for the server',
  done: 'Complete',
  failed: 'Stopped',
};

/** How far the index is, what its counts mean, and what can be done with the scan. */
export const ScanHeader = memo(function ScanHeader({ index, budget, onBudget, delimiters, onDelimiters }: ScanHeaderProps) {
  const { client } = useHost();
  const { workspaceId } = useKeysPlace();
  const { snapshot, problem } = useSignal(index.feed, (feed) => feed);
  const fail = (error: unknown) => index.feed.set({ snapshot, problem: toProblem(error) });
  const shownProblem = snapshot?.problem ?? problem;
  const retry = (state: IndexSnapshot['state'] | undefined) => {
    if (state === 'paused') index.resume();
    // The scan goes on by itself where it stopped; only the connection has to come back.
    else if (state === 'waiting-for-server') client.connections.retry({ workspaceId }).catch(fail);
    else index.restart();
  };
  return (
    <div className={classes['scan']} role="group" aria-label="Scan">
      <div className={classes['scanLine']}>
        {snapshot === null ? <span className={classes['scanState']}>Connecting to the index</span> : <ScanWords snapshot={snapshot} />}
        <FactsControl index={index} snapshot={snapshot} />
        <ScanActions snapshot={snapshot} index={index} />
        <IconPopover label="Scan settings" icon={<IconAdjustments size={15} />} width={300}>
          <ScanSettings budget={budget} onBudget={onBudget} delimiters={delimiters} onDelimiters={onDelimiters} snapshot={snapshot} />
        </IconPopover>
      </div>
      <div
        className={classes['coverage']}
        role="progressbar"
        aria-label="Part of the keyspace walked"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round((snapshot?.coverage ?? 0) * 100)}
        data-state={snapshot?.state}
      >
        <div style={{ width: `${(snapshot?.coverage ?? 0) * 100}%` }} />
      </div>
      {snapshot !== null && <FactsLine snapshot={snapshot} />}
      {shownProblem && (
        <ProblemView
          problem={shownProblem}
          tone={snapshot?.state === 'waiting-for-server' || snapshot?.state === 'backing-off' ? 'warning' : 'error'}
          onRetry={() => retry(snapshot?.state)}
        />
      )}
    </div>
  );
});

function ScanWords({ snapshot }: { snapshot: IndexSnapshot }) {
  const { state, keys, exactness, coverage, rate, etaMs, completedAt } = snapshot;
  const moving = state === 'scanning' || state === 'backing-off';
  return (
    <>
      <span className={classes['scanCount']}>
        <Count value={keys} exactness={exactness} unit={keys === 1 ? 'key' : 'keys'} />
      </span>
      <span className={classes['scanState']} data-state={state} role="status">
        {state === 'done' && completedAt !== null && exactness === 'exact' ? `exact at ${clock(completedAt)}` : stateWords[state]}
        {state === 'done' && completedAt !== null && exactness !== 'exact' && ` at ${clock(completedAt)}`}
      </span>
      <span className={`${classes['scanFigures']} la-number la-cut`}>
        {moving || state === 'paused' ? formatShare(coverage) : ''}
        {state === 'scanning' && rate > 0 ? ` · ${formatRate(rate, 'keys')}` : ''}
        {state === 'scanning' && etaMs !== null && etaMs > 500 ? ` · ${formatDuration(Math.ceil(etaMs / 1000) * 1000)} left` : ''}
      </span>
    </>
  );
}

function ScanActions({ snapshot, index }: { snapshot: IndexSnapshot | null; index: KeyIndex }) {
  const moving = snapshot?.state === 'scanning' || snapshot?.state === 'backing-off' || snapshot?.state === 'waiting-for-server';
  return (
    <>
      {snapshot !== null && snapshot.nodes.length > 1 && (
        <IconPopover label={`Progress of ${snapshot.nodes.length} nodes`} icon={<IconServer2 size={15} />} width={460}>
          <NodeProgress nodes={snapshot.nodes} />
        </IconPopover>
      )}
      {moving && <IconButton label="Pause the scan" icon={<IconPlayerPause size={15} />} onClick={index.pause} />}
      {snapshot?.state === 'paused' && <IconButton label="Resume the scan" icon={<IconPlayerPlay size={15} />} onClick={index.resume} />}
      <IconButton label="Scan again from the start" icon={<IconRefresh size={15} />} onClick={index.restart} />
    </>
  );
}

type ScanSettingsProps = Omit<ScanHeaderProps, 'index'> & { snapshot: IndexSnapshot | null };

function ScanSettings({ budget, onBudget, delimiters, onDelimiters, snapshot }: ScanSettingsProps) {
  return (
    <div className={classes['settings']}>
      <div>
        <div className={classes['settingLabel']} id="keys-budget">
          Share of server time the scan may use
        </div>
        <SegmentedControl fullWidth size="xs" aria-labelledby="keys-budget" value={budget} onChange={onBudget} data={[...budgets]} />
        <p className={classes['settingHint']}>On each master. Auto takes half at most while others use the server, and backs off when latency rises. A return to auto holds from the next opening of the index.</p>
      </div>
      <TagsInput
        label="Delimiters"
        description="Where names are split into folders. No new scan is needed."
        value={[...delimiters]}
        maxTags={8}
        onChange={(next) => onDelimiters(next.filter((one) => one !== '' && one.length <= 8))}
        splitChars={[]}
        comboboxProps={{ withinPortal: false }}
      />
      {snapshot !== null && (
        <Tip label="Names packed as bytes and the tree of folders">
          <p className={classes['settingHint']}>
            The index holds <Count value={snapshot.keys} /> names in <Count value={snapshot.folders} /> folders and uses {formatBytes(snapshot.memoryBytes)}.
          </p>
        </Tip>
      )}
    </div>
  );
}
