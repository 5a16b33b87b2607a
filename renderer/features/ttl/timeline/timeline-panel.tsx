import { Button, SegmentedControl } from '@mantine/core';
import { IconZoomReset } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { windowEdges } from '../../../../shared/redis/ttl-edges.ts';
import { exactnessMark, formatBytes, formatCompact, formatDateTime, formatDuration, formatExact, formatRate } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { useNow } from '../../../lib/now.ts';
import { useSetting } from '../../../lib/settings.ts';
import { BarsChart } from '../chart/bars-chart.tsx';
import { ChartFrame } from '../chart/chart-frame.tsx';
import type { ChartBar } from '../chart/series.ts';
import { DepthSelect } from '../distribution/distribution-panel.tsx';
import { bucketRange, stacksOf, type Grouping, type Histogram } from '../histogram.ts';
import { PanelStates } from '../panel-states.tsx';
import { useTtlPlace } from '../ttl-place.ts';
import { useAnswer } from '../use-answer.ts';
import { leastBarMs, momentLabel, spanOf, spans, zoomedBars, type Span } from './timeline-spans.ts';
import classes from '../ttl.module.css';

/** A stretch of absolute time, Unix ms by this machine. */
interface Zoom {
  from: number;
  to: number;
}

interface Timeline {
  histogram: Histogram;
  /** Buckets before the first bar. */
  skip: number;
}

const spanIds = new Set<unknown>(spans.map(({ id }) => id));
const groupings = new Set<unknown>(['namespace', 'type']);

/** What expires when: bars along the coming minute, hour, day or week, that can be zoomed into and opened. */
export function TimelinePanel() {
  const { client } = useHost();
  const { indexId, stamp, hasType, workspaceId } = useTtlPlace();
  const [spanId, setSpan] = useSetting<string>(`ttl.span.${workspaceId}`, 'hour', (value): value is string => spanIds.has(value));
  const [wanted, setBy] = useSetting<Grouping>(`ttl.by.${workspaceId}`, 'namespace', (value): value is Grouping => groupings.has(value));
  const [depth, setDepth] = useSetting<number>(`ttl.depth.${workspaceId}`, 1);
  const [zoom, setZoom] = useState<Zoom | null>(null);
  const by = hasType ? wanted : 'namespace';
  const span = spanOf(spanId);
  // Time moves on: the bars are counted anew when about a bar has passed.
  const barMs = zoom === null ? span.lengthMs / span.bars : (zoom.to - zoom.from) / zoomedBars;
  const tick = Math.floor(useNow(1000) / Math.min(60_000, Math.max(1000, barMs)));
  const answer = useAnswer<Timeline>(
    indexId === null
      ? null
      : async (signal) => {
          const now = Date.now();
          const { edges, skip } = zoom === null ? windowEdges(0, span.lengthMs, span.bars) : windowEdges(zoom.from - now, zoom.to - now, zoomedBars);
          return { histogram: await client.keys.ttlHistogram({ indexId, edges, by, depth, limit: 8 }, { signal }), skip };
        },
    [client, indexId, by, depth, span, zoom],
    `${stamp} ${tick}`,
  );
  return (
    <div className={classes['panel']}>
      <div className={classes['bar']} role="group" aria-label="Timeline">
        <span className={classes['dim']}>Expires in the next</span>
        <SegmentedControl
          aria-label="Span"
          value={span.id}
          onChange={(value) => {
            setZoom(null);
            setSpan(value);
          }}
          data={spans.map(({ id, label }) => ({ value: id, label }))}
        />
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
        {zoom !== null && (
          <Button variant="default" leftSection={<IconZoomReset size={14} />} onClick={() => setZoom(null)}>
            Reset the zoom
          </Button>
        )}
      </div>
      <PanelStates answer={answer} label="Counting">
        {(timeline) => <TimelineChart timeline={timeline} span={span} zoom={zoom} by={by} askedAt={answer.askedAt} onZoom={setZoom} />}
      </PanelStates>
    </div>
  );
}

interface TimelineChartProps {
  timeline: Timeline;
  span: Span;
  zoom: Zoom | null;
  by: Grouping;
  askedAt: number;
  onZoom: (zoom: Zoom | null) => void;
}

function TimelineChart({ timeline, span, zoom, by, askedAt, onZoom }: TimelineChartProps) {
  const { openKeys } = useTtlPlace();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const { histogram, skip } = timeline;
  const { edges, exactness } = histogram;
  const count = edges.length - 1 - skip;
  // Only what expires in the stretch is drawn.
  const stacks = useMemo(() => stacksOf(histogram, by, 'keys').filter(({ values }) => values.slice(skip, skip + count).some((value) => value > 0)), [histogram, by, skip, count]);
  const length = (edges.at(-1) ?? 0) - (edges[skip] ?? 0);
  const barMs = Math.max(1, length / Math.max(1, count));
  const bars = useMemo(
    () =>
      Array.from({ length: count }, (_, at): ChartBar => {
        const from = askedAt + (edges[at + skip] ?? 0);
        const to = askedAt + (edges[at + skip + 1] ?? 0);
        const bytes = histogram.series[0]?.bytes[at + skip] ?? 0;
        const keys = histogram.series[0]?.keys[at + skip] ?? 0;
        return {
          label: momentLabel(from, length, barMs),
          title: `${formatDateTime(from)} to ${formatDateTime(to).slice(11)}`,
          values: stacks.map(({ values }) => values[at + skip] ?? 0),
          note: `${formatRate(keys / Math.max(1, (to - from) / 1000), 'keys')}${bytes > 0 ? `, ${formatBytes(bytes)}` : ''}`,
        };
      }),
    [count, edges, skip, askedAt, length, barMs, stacks, histogram],
  );
  const mark = exactnessMark(exactness);
  const total = bars.reduce((sum, { values }) => sum + values.reduce((all, value) => all + value, 0), 0);
  const open = (at: number) => {
    const bar = bars[at];
    if (bar === undefined || bar.values.every((value) => value === 0)) return;
    openKeys({
      title: `Keys that expire ${bar.title}`,
      filter: () => ({ pattern: '', mode: 'literal', ttlMs: bucketRange(edges, at + skip, at + skip + 1, Date.now() - askedAt) }),
    });
  };
  return (
    <>
      <p className={classes['note']}>
        {mark}
        {formatExact(total)} keys expire {zoom === null ? `in the next ${span.label.toLowerCase()}` : `from ${formatDateTime(zoom.from)} to ${formatDateTime(zoom.to)}`}, a bar for{' '}
        {zoom === null ? span.barWords : `each ${formatDuration(barMs)}`}. Drag over bars to zoom in; double-click to reset.
      </p>
      <ChartFrame
        title={`Expires in the next ${span.label.toLowerCase()} by ${by}`}
        series={stacks}
        hidden={hidden}
        onHidden={setHidden}
        noteOf={(at) => formatCompact(stacks[at]?.values.slice(skip, skip + count).reduce((sum, value) => sum + value, 0) ?? 0)}
        csv={() => [
          ['from', 'to', ...stacks.map(({ name }) => `${name} (keys)`)],
          ...bars.map(({ values }, at) => [new Date(askedAt + (edges[at + skip] ?? 0)).toISOString(), new Date(askedAt + (edges[at + skip + 1] ?? 0)).toISOString(), ...values]),
        ]}
      >
        <BarsChart
          label="Keys that expire, by time"
          xTitle="Expires at, local time"
          yTitle="Keys"
          series={stacks}
          hidden={hidden}
          bars={bars}
          format={(value) => `${mark}${formatExact(value)}\u00a0${value === 1 ? 'key' : 'keys'}`}
          formatAxis={formatCompact}
          onActivate={open}
          activateHint="Click to list the keys"
          onZoom={(from, to) => {
            const start = askedAt + (edges[from + skip] ?? 0);
            const end = askedAt + (edges[to + skip + 1] ?? 0);
            if (end - start >= zoomedBars * leastBarMs) onZoom({ from: start, to: end });
          }}
          onReset={() => onZoom(null)}
        />
      </ChartFrame>
    </>
  );
}
