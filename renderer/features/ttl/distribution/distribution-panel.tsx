import { SegmentedControl, Select, Switch } from '@mantine/core';
import { useState } from 'react';
import { distributionEdges } from '../../../../shared/redis/ttl-edges.ts';
import { formatBytes, formatCompact, formatExact, formatShare, exactnessMark } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { useSetting } from '../../../lib/settings.ts';
import { BarsChart } from '../chart/bars-chart.tsx';
import { ChartFrame } from '../chart/chart-frame.tsx';
import type { ChartBar } from '../chart/series.ts';
import { bucketRange, bucketTitle, edgeLabel, stacksOf, type Grouping, type Histogram, type Measure, type Stack } from '../histogram.ts';
import { PanelStates, ShareBar } from '../panel-states.tsx';
import { useTtlPlace } from '../ttl-place.ts';
import { useAnswer } from '../use-answer.ts';
import classes from '../ttl.module.css';

const groupings = new Set<unknown>(['namespace', 'type']);
const measures = new Set<unknown>(['keys', 'bytes']);

/** How deep names are cut into namespaces: `1` gives `a:`, `2` gives `a:b:`. */
export function DepthSelect({ depth, onDepth }: { depth: number; onDepth: (depth: number) => void }) {
  return (
    <Select
      aria-label="Namespace depth"
      w={104}
      value={String(depth)}
      allowDeselect={false}
      data={[1, 2, 3, 4].map((value) => ({ value: String(value), label: `Depth ${value}` }))}
      onChange={(value) => onDepth(Number(value ?? 1))}
    />
  );
}

/** Time left of all keys: how many, or how many bytes, in buckets that grow. */
export function DistributionPanel() {
  const { client } = useHost();
  const place = useTtlPlace();
  const { indexId, stamp, hasBytes, hasType, workspaceId } = place;
  const [wanted, setBy] = useSetting<Grouping>(`ttl.by.${workspaceId}`, 'namespace', (value): value is Grouping => groupings.has(value));
  const [wantedMeasure, setMeasure] = useSetting<Measure>(`ttl.measure.${workspaceId}`, 'keys', (value): value is Measure => measures.has(value));
  const [depth, setDepth] = useSetting<number>(`ttl.depth.${workspaceId}`, 1);
  const by = hasType ? wanted : 'namespace';
  const measure = hasBytes ? wantedMeasure : 'keys';
  const answer = useAnswer<Histogram>(
    indexId === null ? null : (signal) => client.keys.ttlHistogram({ indexId, edges: [...distributionEdges], by, depth, limit: 8 }, { signal }),
    [client, indexId, by, depth],
    stamp,
  );
  return (
    <div className={classes['panel']}>
      <div className={classes['bar']} role="group" aria-label="Distribution">
        <SegmentedControl
          aria-label="Stack by"
          value={by}
          onChange={(value) => setBy(value === 'type' ? 'type' : 'namespace')}
          data={[
            { value: 'namespace', label: 'By namespace' },
            { value: 'type', label: 'By type', disabled: !hasType },
          ]}
        />
        {by === 'namespace' && <DepthSelect depth={depth} onDepth={setDepth} />}
        <SegmentedControl
          aria-label="Measure"
          value={measure}
          onChange={(value) => setMeasure(value === 'bytes' ? 'bytes' : 'keys')}
          data={[
            { value: 'keys', label: 'Keys' },
            { value: 'bytes', label: 'Bytes', disabled: !hasBytes },
          ]}
        />
      </div>
      <PanelStates answer={answer} label="Counting">
        {(histogram) => <Distribution histogram={histogram} by={by} measure={measure} askedAt={answer.askedAt} />}
      </PanelStates>
    </div>
  );
}

function Distribution({ histogram, by, measure, askedAt }: { histogram: Histogram; by: Grouping; measure: Measure; askedAt: number }) {
  const { openKeys } = useTtlPlace();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [withNone, setWithNone] = useSetting('ttl.with-none', false);
  const { edges, exactness } = histogram;
  // What no bar shows needs no entry in the legend; the table adds up all the same.
  const all = stacksOf(histogram, by, measure);
  const stacks = all.filter(({ none, values }) => (withNone && none > 0) || values.some((value) => value > 0));
  const mark = exactnessMark(exactness);
  const format = (value: number) => `${mark}${measure === 'bytes' ? formatBytes(value) : `${formatExact(value)}\u00a0${value === 1 ? 'key' : 'keys'}`}`;
  const bars = edges.map<ChartBar>((edge, at) => ({
    label: at === edges.length - 1 ? `${edgeLabel(edge)} +` : edgeLabel(edge),
    title: bucketTitle(edges, at),
    values: stacks.map(({ values }) => values[at] ?? 0),
  }));
  const none: ChartBar = { label: 'never', title: 'No expiry', values: stacks.map((stack) => stack.none) };
  const shown = withNone ? [...bars, none] : bars;
  const open = (at: number) => {
    const bar = shown[at];
    if (bar === undefined) return;
    openKeys({
      title: at === edges.length ? 'Keys without expiry' : `Keys with ${bar.title.charAt(0).toLowerCase()}${bar.title.slice(1)}`,
      filter: () => ({ pattern: '', mode: 'literal', ttlMs: at === edges.length ? 'none' : bucketRange(edges, at, at + 1, Date.now() - askedAt) }),
    });
  };
  const visible = all.filter(({ id }) => !hidden.has(id));
  return (
    <div className={classes['sides']}>
      <ChartFrame
        title={`Time left by ${by}`}
        series={stacks}
        hidden={hidden}
        onHidden={setHidden}
        noteOf={(at) => noteOf(stacks[at], measure)}
        csv={() => csvOf(all, edges, measure)}
        actions={<Switch label="With no expiry" checked={withNone} onChange={(event) => setWithNone(event.currentTarget.checked)} mr={6} />}
      >
        <BarsChart
          label={`Time left by ${by}, ${measure}`}
          xTitle="Time left, from"
          yTitle={measure === 'bytes' ? 'Bytes' : 'Keys'}
          series={stacks}
          hidden={hidden}
          bars={shown}
          format={format}
          formatAxis={measure === 'bytes' ? formatBytes : formatCompact}
          onActivate={open}
          activateHint="Click to list the keys"
        />
      </ChartFrame>
      <DistributionTable stacks={visible} edges={edges} format={format} onOpen={open} onOpenNone={() => openKeys({ title: 'Keys without expiry', filter: () => ({ pattern: '', mode: 'literal', ttlMs: 'none' }) })} />
    </div>
  );
}

function noteOf(stack: Stack | undefined, measure: Measure): string {
  const total = stack?.values.reduce((sum, value) => sum + value, 0) ?? 0;
  return measure === 'bytes' ? formatBytes(total) : formatCompact(total);
}

function csvOf(stacks: readonly Stack[], edges: readonly number[], measure: Measure): (string | number)[][] {
  const header = ['from ms left', 'to ms left', ...stacks.map(({ name }) => `${name} (${measure})`)];
  const rows = edges.map((edge, at) => [edge, edges[at + 1] ?? '', ...stacks.map(({ values }) => values[at] ?? 0)]);
  return [header, ...rows, ['no expiry', '', ...stacks.map(({ none }) => none)]];
}

interface DistributionTableProps {
  stacks: readonly Stack[];
  edges: readonly number[];
  format: (value: number) => string;
  onOpen: (at: number) => void;
  onOpenNone: () => void;
}

function DistributionTable({ stacks, edges, format, onOpen, onOpenNone }: DistributionTableProps) {
  const sum = (pick: (stack: Stack) => number) => stacks.reduce((total, stack) => total + pick(stack), 0);
  const counts = edges.map((_, at) => sum(({ values }) => values[at] ?? 0));
  const expiring = counts.reduce((total, count) => total + count, 0);
  const none = sum((stack) => stack.none);
  const all = expiring + none;
  const passed = sum((stack) => stack.passed);
  const unknown = sum((stack) => stack.unknown);
  const rowOf = (key: string, title: string, value: number, open: (() => void) | null) => (
    <tr key={key} data-quiet={value === 0 || undefined}>
      <td>
        {open === null || value === 0 ? (
          title
        ) : (
          <button type="button" className={classes['link']} onClick={open}>
            {title}
          </button>
        )}
      </td>
      <td data-number>{format(value)}</td>
      <td data-number>
        {all === 0 ? '–' : formatShare(value / all)}
        <ShareBar share={all === 0 ? 0 : value / all} />
      </td>
    </tr>
  );
  return (
    <div className={`${classes['scroll']} ${classes['side']}`} tabIndex={0} role="region" aria-label="Time left as a table">
      <table className={classes['table']}>
        <thead>
          <tr>
            <th>Time left</th>
            <th data-number>Amount</th>
            <th data-number>Share</th>
          </tr>
        </thead>
        <tbody>
          {edges.map((_, at) => rowOf(String(at), bucketTitle(edges, at).replace(/ left( or more)?$/, '$1'), counts[at] ?? 0, () => onOpen(at)))}
        </tbody>
        <tfoot>
          <tr data-whole>
            <td>With an expiry</td>
            <td data-number>{format(expiring)}</td>
            <td data-number>
              {all === 0 ? '–' : formatShare(expiring / all)}
              <ShareBar share={all === 0 ? 0 : expiring / all} />
            </td>
          </tr>
          {rowOf('none', 'No expiry', none, onOpenNone)}
          {passed > 0 && (
            <tr>
              <td title="Their time was up when this was counted; the server may have removed them already">Time is up</td>
              <td data-number>{formatExact(passed)}&nbsp;keys</td>
              <td />
            </tr>
          )}
          {unknown > 0 && (
            <tr>
              <td title="Not read yet, or the server did not tell">Not known yet</td>
              <td data-number>{formatExact(unknown)}&nbsp;keys</td>
              <td />
            </tr>
          )}
        </tfoot>
      </table>
    </div>
  );
}
