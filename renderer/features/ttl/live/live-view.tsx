import { Button } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { RedisFacts } from '../../../../shared/contract/connections.ts';
import type { LiveEvent, LiveSnapshot } from '../../../../shared/contract/live-events.ts';
import type { Problem } from '../../../../shared/contract/errors.ts';
import { formatCompact, formatDateTime, formatExact, formatRate } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { useNow } from '../../../lib/now.ts';
import { useSnapshotStream } from '../../../lib/streams.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { wireLabel } from '../../../lib/wire-text.ts';
import { LoadingRows } from '../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { WireText } from '../../../ui/wire-text-view.tsx';
import { BarsChart } from '../chart/bars-chart.tsx';
import { ChartFrame } from '../chart/chart-frame.tsx';
import { restColour, seriesColours, type ChartBar, type ChartSeries } from '../chart/series.ts';
import { useTtlPlace } from '../ttl-place.ts';
import { LiveHistory, type LiveEventKind } from './live-history.ts';
import classes from '../ttl.module.css';

interface LiveViewProps {
  kinds: readonly LiveEventKind[];
  kindNames: Record<LiveEventKind, string>;
  facts: RedisFacts | null;
  /** Listening has ended: the setting may be restored now. */
  onGone: () => void;
}

const namesEveryMs = 1000;
const namesKept = 200;

/** Events as they come: a chart by second, rates by namespace, and the last names. */
export function LiveView({ kinds, kindNames, facts, onGone }: LiveViewProps) {
  const { client } = useHost();
  const { workspaceId, db } = useTtlPlace();
  const wanted = kinds.join();
  const stream = useSnapshotStream<LiveSnapshot>((signal) => client.liveEvents.watch({ workspaceId, db, kinds: [...kinds] }, { signal }), [client, workspaceId, db, wanted]);
  const { snapshot } = stream;
  const history = useRef(new LiveHistory());
  useEffect(() => {
    if (snapshot !== null) history.current.take(snapshot, Date.now());
  }, [snapshot]);
  const gone = useRef(onGone);
  useEffect(() => {
    gone.current = onGone;
  });
  useEffect(() => () => gone.current(), []);
  if (snapshot === null) return stream.problem === null ? <LoadingRows rows={6} label="Beginning to listen" /> : <ProblemView problem={stream.problem} onRetry={stream.restart} fills />;
  const policy = facts?.maxmemoryPolicy ?? null;
  const deaf = snapshot.nodes.filter(({ listening }) => !listening);
  return (
    <>
      {stream.problem !== null && <ProblemView problem={stream.problem} onRetry={stream.restart} tone="warning" />}
      {(snapshot.partial || snapshot.gaps > 0) && (
        <div className={classes['notice']}>
          <span className={classes['amber']}>
            {snapshot.partial && 'Counts are at least: some nodes do not tell of all kinds, or are not heard. '}
            {deaf.length > 0 && `Not heard: ${deaf.map(({ node, problem }) => (problem === null ? node : `${node} (${problem.message})`)).join(', ')}. `}
            {snapshot.gaps > 0 && `Connections broke ${formatExact(snapshot.gaps)} times; events were missed in between.`}
          </span>
        </div>
      )}
      <p className={`${classes['note']} la-number`}>
        {snapshot.kinds.map(({ kind, total, perSecond }) => `${kindNames[kind]} ${formatRate(perSecond)} (${formatExact(total)} since ${formatDateTime(snapshot.since).slice(11)})`).join(' · ')}
        {policy !== null && ` · policy ${policy}`}
      </p>
      <div className={classes['sides']}>
        <div className={classes['panel']}>
          <LiveChart history={history.current} kinds={kinds} kindNames={kindNames} partial={snapshot.partial} />
          <Namespaces snapshot={snapshot} kindNames={kindNames} />
        </div>
        <LastNames kindNames={kindNames} />
      </div>
    </>
  );
}

const kindColours: Partial<Record<LiveEventKind, string | undefined>> = { expired: seriesColours[0], evicted: seriesColours[4], miss: seriesColours[3], new: seriesColours[2] };

function LiveChart({ history, kinds, kindNames, partial }: { history: LiveHistory; kinds: readonly LiveEventKind[]; kindNames: Record<LiveEventKind, string>; partial: boolean }) {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const now = useNow(1000);
  const series = useMemo<ChartSeries[]>(() => kinds.map((kind, at) => ({ id: kind, name: kindNames[kind], colour: kindColours[kind] ?? seriesColours[at % seriesColours.length] ?? restColour })), [kinds, kindNames]);
  const seconds = history.seconds(now - 1000);
  const first = Math.floor((now - 1000) / 1000) * 1000 - (seconds.length - 1) * 1000;
  const bars = seconds.map<ChartBar>((point, at) => {
    const moment = formatDateTime(first + at * 1000).slice(11);
    return { label: moment, title: point === null ? `${moment}: not heard` : moment, values: kinds.map((kind) => point?.counts[kind] ?? 0), gap: point === null };
  });
  return (
    <ChartFrame
      title="Live events by second"
      series={series}
      hidden={hidden}
      onHidden={setHidden}
      csv={() => [['second', ...series.map(({ name }) => name)], ...seconds.flatMap((point) => (point === null ? [] : [[new Date(point.at).toISOString(), ...kinds.map((kind) => point.counts[kind] ?? 0)]]))]}
    >
      <BarsChart
        label="Events by second"
        xTitle="Local time, the last two minutes"
        yTitle="Events each second"
        series={series}
        hidden={hidden}
        bars={bars}
        format={(value) => `${partial ? '≥ ' : ''}${formatExact(value)}`}
        formatAxis={formatCompact}
      />
    </ChartFrame>
  );
}

function Namespaces({ snapshot, kindNames }: { snapshot: LiveSnapshot; kindNames: Record<LiveEventKind, string> }) {
  return (
    <div className={classes['scroll']} style={{ maxHeight: '40%', borderTop: '1px solid var(--la-line)' }} tabIndex={0} role="region" aria-label="Events by namespace">
      <table className={classes['table']}>
        <thead>
          <tr>
            <th>Namespace</th>
            <th>Event</th>
            <th data-number>A second</th>
            <th data-number>Since the beginning</th>
          </tr>
        </thead>
        <tbody>
          {snapshot.namespaces.map(({ prefix, kind, perSecond, total }) => (
            <tr key={`${kind} ${wireLabel(prefix)}`}>
              <td className={`${classes['name']} la-mono la-cut`}>
                <WireText value={prefix} empty="(no namespace)" limit={160} />
              </td>
              <td>{kindNames[kind]}</td>
              <td data-number>{formatRate(perSecond)}</td>
              <td data-number>{formatExact(total)}</td>
            </tr>
          ))}
          {snapshot.namespaces.length === 0 && (
            <tr>
              <td colSpan={4} className={classes['dim']}>
                Nothing heard so far
              </td>
            </tr>
          )}
          {snapshot.other > 0 && (
            <tr>
              <td colSpan={3} className={classes['dim']}>
                Other namespaces
              </td>
              <td data-number>{formatExact(snapshot.other)}</td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

/** The last names, newest first; they can be held still to be read. */
function LastNames({ kindNames }: { kindNames: Record<LiveEventKind, string> }) {
  const { client } = useHost();
  const { workspaceId, db } = useTtlPlace();
  const [paused, setPaused] = useState(false);
  const [events, setEvents] = useState<readonly LiveEvent[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    if (paused) return undefined;
    let left = false;
    let after = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const pull = async () => {
      try {
        const found = await client.liveEvents.recent({ workspaceId, db, after });
        if (left) return;
        after = Math.max(after, ...found.map(({ id }) => id));
        if (found.length > 0) {
          setEvents((before) => {
            const known = new Set(found.map(({ id }) => id));
            return [...found, ...before.filter(({ id }) => !known.has(id))].slice(0, namesKept);
          });
        }
        setProblem(null);
      } catch (error) {
        if (!left) setProblem(toProblem(error));
      }
      if (!left) timer = setTimeout(() => void pull(), namesEveryMs);
    };
    void pull();
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [client, workspaceId, db, paused]);
  return (
    <div className={classes['side']}>
      <h2 className={classes['heading']}>
        <span className={classes['fill']}>Last names</span>
        <Button h={22} fz={12} variant="default" leftSection={paused ? <IconPlayerPlay size={12} /> : <IconPlayerPause size={12} />} onClick={() => setPaused(!paused)}>
          {paused ? 'Go on' : 'Hold still'}
        </Button>
      </h2>
      {problem !== null && problem.code !== 'HOST_UNREACHABLE' && <ProblemView problem={problem} tone="warning" />}
      <div className={classes['scroll']} tabIndex={0} role="region" aria-label="Last names">
        <table className={classes['table']}>
          <tbody>
            {events.map((event) => (
              <tr key={event.id}>
                <td className={`${classes['name']} la-mono la-cut`} title={`${wireLabel(event.name)} on ${event.node}`}>
                  <WireText value={event.name} limit={120} />
                </td>
                <td title={event.event}>{kindNames[event.kind]}</td>
                <td data-number>{formatDateTime(event.at).slice(11)}</td>
              </tr>
            ))}
            {events.length === 0 && (
              <tr>
                <td className={classes['dim']}>Names appear here as events arrive</td>
              </tr>
            )}
          </tbody>
        </table>
      </div>
    </div>
  );
}
