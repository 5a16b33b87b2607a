import { Button, SegmentedControl } from '@mantine/core';
import { IconArrowLeft, IconArrowsLeftRight } from '@tabler/icons-react';
import { useCallback, useState } from 'react';
import type { SketchChange, SketchInfo } from '../../../../shared/contract/key-sketches.ts';
import type { HostClient } from '../../../../shared/contract/contract.ts';
import { formatBytes, formatDateTime, formatDuration, formatExact } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { wireLabel } from '../../../lib/wire-text.ts';
import { Badge, type Tone } from '../../../ui/badge.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { IconButton } from '../../../ui/icon-button.tsx';
import { LoadingRows } from '../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { VirtualRows } from '../../../ui/virtual-rows.tsx';
import { WireText } from '../../../ui/wire-text-view.tsx';
import { usePaged } from '../namespaces/use-paged.ts';
import { filterSentence } from '../filter/saved-menu.tsx';
import { bytesChange, keysChange } from './change-words.ts';
import columnClasses from '../columns/columns.module.css';
import classes from './snapshots.module.css';

type Comparison = Awaited<ReturnType<HostClient['keys']['compareSketches']>>;
type Figures = NonNullable<SketchChange['a']>;

const kinds: Record<SketchChange['kind'], { label: string; tone: Tone }> = {
  grew: { label: 'grew', tone: 'accent' },
  shrank: { label: 'shrank', tone: 'plain' },
  new: { label: 'new', tone: 'green' },
  vanished: { label: 'vanished', tone: 'amber' },
  same: { label: 'same', tone: 'plain' },
};

/** What differs between two snapshots, the biggest change first. */
export function CompareSketches({ a, b, onBack }: { a: string; b: string; onBack: () => void }) {
  const { client } = useHost();
  const [[from, to], setPair] = useState<readonly [string, string]>([a, b]);
  const [by, setBy] = useState<'keys' | 'bytes'>('keys');
  const [active, setActive] = useState(-1);
  const ask = useCallback((start: number, count: number) => client.keys.compareSketches({ a: from, b: to, by, from: start, count }), [client, from, to, by]);
  const { state, show, refresh } = usePaged<SketchChange, Comparison>(ask, [ask], 0);
  const { page } = state;
  const noBytes = page !== null && (page.a.bytes === null || page.b.bytes === null);
  return (
    <div className={classes['body']}>
      <div className={classes['compareBar']}>
        <Button variant="subtle" color="gray" leftSection={<IconArrowLeft size={14} />} onClick={onBack}>
          All snapshots
        </Button>
        <SegmentedControl
          size="xs"
          aria-label="Compare by"
          value={by}
          onChange={(value) => setBy(value === 'bytes' ? 'bytes' : 'keys')}
          data={[
            { value: 'keys', label: 'By keys' },
            { value: 'bytes', label: 'By size', disabled: noBytes },
          ]}
        />
        {page !== null && page.a.part !== null && (
          <span className={`${classes['hint']} la-cut`} title={filterSentence(page.a.part)}>
            Part: {filterSentence(page.a.part)}
          </span>
        )}
        {noBytes && <span className={classes['hint']}>Sizes were not read for both, so they are not compared.</span>}
      </div>
      {state.failure !== null && <ProblemView problem={toProblem(state.failure)} onRetry={refresh} />}
      {page === null && state.failure === null && <LoadingRows rows={8} label="Comparing" />}
      {page !== null && (
        <>
          <div className={classes['pair']}>
            <Side title="From" sketch={page.a} />
            <IconButton label="Swap the two" icon={<IconArrowsLeftRight size={15} />} onClick={() => setPair([to, from])} />
            <Side title="To" sketch={page.b} />
            <div className={classes['wholeChange']} role="status">
              <strong>{keysChange(page.whole.keys)}</strong>
              {page.whole.bytes !== null && <span>{bytesChange(page.whole.bytes)}</span>}
              <span className={classes['hint']}>
                {(['grew', 'shrank', 'new', 'vanished'] as const).map((kind) => `${formatExact(page.counts[kind])} ${kinds[kind].label}`).join(', ')}; {formatExact(page.counts.same)} the same
              </span>
            </div>
          </div>
          {page.total === 0 ? (
            <EmptyState title="Nothing differs">Both snapshots hold the same namespaces with the same counts.</EmptyState>
          ) : (
            <div className={classes['changes']}>
              <div className={columnClasses['headRow']} aria-hidden>
                <span style={{ width: 84 }}>Change</span>
                <span style={{ flex: 1 }}>{page.a.templates ? 'Template' : 'Namespace'}</span>
                {['Keys before', 'Keys after', 'Keys', 'Size', 'Median TTL'].map((head, at) => (
                  <span key={head} className={columnClasses['cell']} data-align="right" style={{ width: at === 4 ? 150 : 92, fontSize: 11 }}>
                    {head}
                  </span>
                ))}
              </div>
              <VirtualRows
                label="Changes"
                role="grid"
                count={state.total}
                active={Math.min(active, state.total - 1)}
                onMove={setActive}
                onRange={show}
                rowAria={(at) => {
                  const row = state.rows.get(at);
                  return { 'aria-label': row === undefined ? 'Loading' : `${row.rest ? 'all smaller namespaces' : wireLabel(row.name, 120)}, ${kinds[row.kind].label}, ${keysChange(row.keys)}` };
                }}
                renderRow={(at) => {
                  const row = state.rows.get(at);
                  return row === undefined ? null : <ChangeCells change={row} />;
                }}
              />
            </div>
          )}
        </>
      )}
    </div>
  );
}

function Side({ title, sketch }: { title: string; sketch: SketchInfo }) {
  return (
    <div className={classes['side']}>
      <span className={classes['hint']}>{title}</span>
      <span className="la-cut" title={sketch.workspaceName}>
        {sketch.workspaceName}, db {sketch.db}
      </span>
      <span className="la-number">{formatDateTime(sketch.at)}</span>
      <span className="la-number">{formatExact(sketch.keys)} keys</span>
    </div>
  );
}

function median(figures: Figures | null): string {
  const quantiles = figures?.ttlQuantiles ?? null;
  return quantiles === null ? '–' : formatDuration(quantiles.q50);
}

function size(figures: Figures | null): string {
  const bytes = figures?.bytes ?? null;
  return bytes === null ? 'not read' : formatBytes(bytes);
}

function ChangeCells({ change }: { change: SketchChange }) {
  const { kind, name, rest, a, b, keys, bytes } = change;
  const number = (key: string, text: string, width = 92, title?: string) => (
    <span key={key} role="gridcell" className={`${columnClasses['cell']} la-number`} data-align="right" style={{ width }} title={title}>
      {text}
    </span>
  );
  return (
    <div role="presentation" className={classes['cells']}>
      <span role="gridcell" style={{ width: 84, flex: 'none' }}>
        <Badge tone={kinds[kind].tone}>{kinds[kind].label}</Badge>
      </span>
      <span role="gridcell" className={`${classes['changeName']} la-cut`}>
        {rest ? <em>all smaller namespaces</em> : <WireText value={name} limit={160} empty="(no namespace)" />}
      </span>
      {number('a', a === null ? '–' : formatExact(a.keys))}
      {number('b', b === null ? '–' : formatExact(b.keys))}
      {number('keys', keysChange(keys).replace(/\u00a0keys?$/u, ''))}
      {number('bytes', bytes === null ? '–' : bytesChange(bytes), 92, `${size(a)} to ${size(b)}`)}
      {number('ttl', median(a) === median(b) ? median(a) : `${median(a)} → ${median(b)}`, 150, 'Half of the keys with an expiry had this time left at most')}
    </div>
  );
}
