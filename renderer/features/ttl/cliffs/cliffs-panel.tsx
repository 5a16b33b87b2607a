import { Button } from '@mantine/core';
import { IconMountain } from '@tabler/icons-react';
import { useMemo, useRef, useState } from 'react';
import { durationText } from '../../../../shared/redis/ttl-input.ts';
import { cliffRule } from '../../../../shared/redis/ttl-cliffs.ts';
import { exactnessMark, formatDateTime, formatDuration, formatExact, formatRate, formatShare } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { useNow } from '../../../lib/now.ts';
import { useSetting } from '../../../lib/settings.ts';
import { wireLabel } from '../../../lib/wire-text.ts';
import { Badge } from '../../../ui/badge.tsx';
import { intervalWords, rateWords } from '../../../ui/blast-radius/blast-words.ts';
import { BlastRadiusView } from '../../../ui/blast-radius/blast-radius-view.tsx';
import { useBlastSource } from '../../../ui/blast-radius/host-blast-source.ts';
import { useBlastRadius, type BlastRadius } from '../../../ui/blast-radius/use-blast-radius.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { WireText } from '../../../ui/wire-text-view.tsx';
import { DepthSelect } from '../distribution/distribution-panel.tsx';
import { listOf } from '../key-list.ts';
import { PanelStates } from '../panel-states.tsx';
import { useTtlPlace } from '../ttl-place.ts';
import { useAnswer } from '../use-answer.ts';
import { searchCliffs, type CliffSearch, type NamedCliff } from '../../../../shared/redis/search-cliffs.ts';
import { sameCliffs, type KnownCliff } from './cliff-identity.ts';
import own from './cliffs.module.css';
import classes from '../ttl.module.css';

/** `09:00:00 to 09:02:10`, with the date where it is another day. */
function windowWords(from: number, to: number, now: number): string {
  const start = formatDateTime(from);
  const end = formatDateTime(to);
  const today = formatDateTime(now).slice(0, 10);
  const short = (text: string, than: string) => (text.startsWith(than) ? text.slice(11) : text);
  if (start === end) return short(start, today);
  return `${short(start, today)} to ${short(end, start.slice(0, 10))}`;
}

/** A jitter that spreads a cliff well: a fifth of what is left, at least a minute. */
function jitterFor(cliff: NamedCliff, left: number): string {
  const wanted = Math.max(60_000, Math.min(left / 5, 6 * 3_600_000), (cliff.to - cliff.from) * 5);
  const step = wanted > 3_600_000 ? 1_800_000 : 60_000;
  return durationText(Math.ceil(wanted / step) * step);
}

/** Many keys of one namespace that expire almost at once, named before it happens. */
export function CliffsPanel() {
  const { client } = useHost();
  const { indexId, stamp, workspaceId, whole } = useTtlPlace();
  const [depth, setDepth] = useSetting<number>(`ttl.depth.${workspaceId}`, 1);
  const answer = useAnswer<CliffSearch>(
    indexId === null ? null : (signal) => searchCliffs((edges, limit) => client.keys.ttlHistogram({ indexId, edges, by: 'namespace', depth, limit }, { signal })),
    [client, indexId, depth],
    stamp,
  );
  return (
    <div className={classes['panel']}>
      <div className={classes['bar']} role="group" aria-label="Cliffs">
        <DepthSelect depth={depth} onDepth={setDepth} />
        <span className={`${classes['dim']} ${classes['fill']}`}>
          A cliff: at least {formatShare(cliffRule.leastShare)} of a namespace&rsquo;s keys that expire, and {formatExact(cliffRule.leastKeys)} keys, within {formatShare(cliffRule.widestShare)} of the time left until then (a second at
          least).
        </span>
      </div>
      <PanelStates answer={answer} label="Looking for cliffs">
        {({ cliffs, searched, exactness, at }) =>
          cliffs.length === 0 ? (
            <EmptyState icon={<IconMountain size={28} stroke={1.5} />} title={whole ? 'No cliffs' : 'No cliffs so far'}>
              {searched === 0 ? 'No key that was read expires.' : `In none of the ${formatExact(searched)} namespaces with most expiring keys do many keys expire at once.`}
              {!whole && ' Reading goes on; cliffs appear here as they are found.'}
            </EmptyState>
          ) : (
            <CliffList cliffs={cliffs} at={at} mark={exactnessMark(exactness)} />
          )
        }
      </PanelStates>
    </div>
  );
}

/** The cards. A cliff that is found again at about the same time is the same one, and keeps what was measured of it. */
function CliffList({ cliffs, at, mark }: { cliffs: readonly NamedCliff[]; at: number; mark: string }) {
  const known = useRef<readonly KnownCliff[]>([]);
  const ids = useMemo(() => {
    known.current = sameCliffs(known.current, cliffs, at);
    return known.current.map(({ id }) => id);
  }, [cliffs, at]);
  return (
    <div className={classes['scroll']} tabIndex={0} role="region" aria-label="Cliffs found">
      <ul className={classes['cards']} style={{ listStyle: 'none', margin: 0 }}>
        {cliffs.map((cliff, index) => (
          <CliffCard key={ids[index]} id={ids[index] ?? ''} cliff={cliff} at={at} mark={mark} />
        ))}
      </ul>
    </div>
  );
}

/** The reads that a cliff would make miss, in a few words. */
function readsWords({ state, snapshot, measuredAt }: BlastRadius): string {
  if (state === 'measuring') return 'Reads are being measured';
  const misses = state === 'done' ? (snapshot?.misses ?? null) : null;
  if (misses === null || snapshot === null || measuredAt === null) return 'How often they are read was never measured';
  return `${exactnessMark(misses.exactness)}${rateWords(misses.perSecond, snapshot.unit)} ${snapshot.unit === 'reads' ? 'would then miss' : 'of them'} (${intervalWords(misses)}, measured at ${formatDateTime(measuredAt).slice(11)})`;
}

function CliffCard({ id, cliff, at, mark }: { id: string; cliff: NamedCliff; at: number; mark: string }) {
  const { client } = useHost();
  const [asking, setAsking] = useState(false);
  const [asked, setAsked] = useState(false);
  const place = useTtlPlace();
  const now = useNow(1000);
  const from = at + cliff.from;
  const to = at + cliff.to;
  const name = wireLabel(cliff.namespace);
  const when = windowWords(from, to, now);
  const filter = () => {
    const current = Date.now();
    return { pattern: cliff.namespace, mode: 'prefix' as const, ttlMs: { min: Math.max(0, Math.round(from - current)), max: Math.max(0, Math.round(to - current)) } };
  };
  const source = useBlastSource(place.workspaceId, id, () => ({
    kind: 'selection',
    selection: { workspaceId: place.workspaceId, db: place.db, keys: { kind: 'filter', filter: filter() } },
  }));
  const blast = useBlastRadius(asked ? source : null);
  const title = `Keys of ${name} that expire ${when}`;
  const spread = () => {
    const { indexId } = place;
    if (indexId === null) return;
    const list = listOf(client, indexId, title, cliff.keys, filter());
    const left = Math.max(1000, Math.floor((from - Date.now()) / 1000) * 1000);
    place.openChange({ list, kind: 'expire', ttl: durationText(left), jitter: jitterFor(cliff, left) });
  };
  return (
    <li className={`${classes['card']} ${own['card']}`} data-severity={cliff.severity}>
      <div className={classes['cardText']}>
        <h3 className={classes['cardTitle']}>
          {mark}
          {formatExact(cliff.keys)} keys of <WireText value={cliff.namespace} /> expire {when} {cliff.severity === 'high' && <Badge tone="red">high</Badge>}
        </h3>
        <div className={`${classes['cardFacts']} la-number`}>
          {now < from ? `in ${formatDuration(Math.floor((from - now) / 1000) * 1000)}` : now < to ? 'now' : 'over'} · {formatShare(cliff.share)} of its {formatExact(cliff.expiring)} keys that expire · window{' '}
          {formatDuration(cliff.to - cliff.from)} · peak {formatRate(cliff.peakPerSecond, 'keys')}
        </div>
        <div className={classes['cardFacts']}>{readsWords(blast)}</div>
      </div>
      <Button variant="default" onClick={() => place.openKeys({ title, filter })}>
        List the keys
      </Button>
      <Button
        variant="default"
        aria-expanded={asking}
        onClick={() => {
          setAsking(!asking);
          setAsked(true);
        }}
      >
        {asking ? 'Hide the reads' : 'Measure reads'}
      </Button>
      <Button onClick={spread}>Spread with jitter</Button>
      {asked && (
        <div className={own['reads']} hidden={!asking}>
          <BlastRadiusView blast={blast} />
        </div>
      )}
    </li>
  );
}
