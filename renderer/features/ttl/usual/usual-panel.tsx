import { Button } from '@mantine/core';
import { IconRuler2 } from '@tabler/icons-react';
import { searchEdges } from '../../../../shared/redis/ttl-edges.ts';
import { drift, usualTtl, type UsualBefore, type UsualTtl } from '../../../../shared/redis/ttl-usual.ts';
import { wireKey, type WireBytes } from '../../../../shared/bytes.ts';
import { formatAgo, formatDateTime, formatDuration, formatExact } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { useNow } from '../../../lib/now.ts';
import { useSetting } from '../../../lib/settings.ts';
import { wireLabel } from '../../../lib/wire-text.ts';
import { Badge } from '../../../ui/badge.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { WireText } from '../../../ui/wire-text-view.tsx';
import { DepthSelect } from '../distribution/distribution-panel.tsx';
import type { Histogram } from '../histogram.ts';
import { PanelStates } from '../panel-states.tsx';
import { useTtlPlace } from '../ttl-place.ts';
import { useAnswer } from '../use-answer.ts';
import classes from '../ttl.module.css';

interface Remembered {
  at: number;
  namespaces: Record<string, UsualBefore>;
}

const nothing: Remembered = { at: 0, namespaces: {} };

function isRemembered(value: unknown): value is Remembered {
  return typeof value === 'object' && value !== null && typeof (value as Remembered).at === 'number' && typeof (value as Remembered).namespaces === 'object';
}

interface UsualRow {
  name: WireBytes;
  usual: UsualTtl;
  none: number;
}

/** A few keys without expiry are outliers where nearly all have one. */
const fewShare = 0.1;

function rowsOf(histogram: Histogram): UsualRow[] {
  return histogram.series.slice(1).flatMap((series) => {
    const usual = usualTtl(histogram.edges, series.keys);
    return usual === null ? [] : [{ name: series.name, usual, none: series.noneKeys }];
  });
}

/** What expiry each namespace usually gets, the keys that differ, and how that has changed. */
export function UsualPanel() {
  const { client } = useHost();
  const { indexId, stamp, workspaceId, db, whole } = useTtlPlace();
  const [depth, setDepth] = useSetting<number>(`ttl.depth.${workspaceId}`, 1);
  const [before, setBefore] = useSetting<Remembered>(`ttl.usual.${workspaceId}.${db}.${depth}`, nothing, isRemembered);
  const now = useNow(10_000);
  const answer = useAnswer<Histogram>(
    indexId === null ? null : (signal) => client.keys.ttlHistogram({ indexId, edges: [...searchEdges], by: 'namespace', depth, limit: 100 }, { signal }),
    [client, indexId, depth],
    stamp,
  );
  const rows = answer.value === null ? [] : rowsOf(answer.value);
  const remember = () => {
    setBefore({ at: Date.now(), namespaces: Object.fromEntries(rows.map(({ name, usual }) => [wireKey(name), { q50: Math.round(usual.q50), q90: Math.round(usual.q90) }])) });
  };
  return (
    <div className={classes['panel']}>
      <div className={classes['bar']} role="group" aria-label="Usual TTLs">
        <DepthSelect depth={depth} onDepth={setDepth} />
        <span className={`${classes['dim']} ${classes['fill']}`}>
          Time left of the keys of each namespace, to 2.5 %. The likely set TTL is an estimate: the round length just above the longest time left.
        </span>
        <span className={classes['dim']}>{before.at === 0 ? 'Nothing to compare with yet' : <span title={formatDateTime(before.at)}>Compared with {formatAgo(before.at, now)}</span>}</span>
        <Button variant="default" disabled={rows.length === 0 || !whole} onClick={remember} title={whole ? undefined : 'Once everything is read'}>
          Remember as usual
        </Button>
      </div>
      <PanelStates answer={answer} label="Working out the usual TTLs">
        {() =>
          rows.length === 0 ? (
            <EmptyState icon={<IconRuler2 size={28} stroke={1.5} />} title={whole ? 'No key expires' : 'No key that expires so far'}>
              {whole ? 'Every key of this database stays until someone deletes it.' : 'Reading goes on; namespaces appear here as their keys are read.'}
            </EmptyState>
          ) : (
            <UsualTable rows={rows} before={before} />
          )
        }
      </PanelStates>
    </div>
  );
}

function UsualTable({ rows, before }: { rows: readonly UsualRow[]; before: Remembered }) {
  const { openKeys } = useTtlPlace();
  return (
    <div className={classes['scroll']} tabIndex={0} role="region" aria-label="Usual TTLs by namespace">
      <table className={classes['table']}>
        <thead>
          <tr>
            <th>Namespace</th>
            <th data-number>Keys that expire</th>
            <th data-number>Likely set TTL</th>
            <th data-number>10 % have at most</th>
            <th data-number>Median left</th>
            <th data-number>90 % have at most</th>
            <th>Outliers</th>
            <th>Drift</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, usual, none }) => {
            const label = wireLabel(name);
            const was = Object.hasOwn(before.namespaces, wireKey(name)) ? before.namespaces[wireKey(name)] : undefined;
            const few = none > 0 && none <= usual.keys * fewShare;
            return (
              <tr key={label}>
                <td className={`${classes['name']} la-mono la-cut`} title={label}>
                  <WireText value={name} limit={200} />
                </td>
                <td data-number>{formatExact(usual.keys)}</td>
                <td data-number>{usual.likelySet === null ? <span title="No round length fits">none</span> : `~${formatDuration(usual.likelySet)}`}</td>
                <td data-number>~{formatDuration(usual.q10)}</td>
                <td data-number>~{formatDuration(usual.q50)}</td>
                <td data-number>~{formatDuration(usual.q90)}</td>
                <td>
                  {usual.outliers.keys > 0 && (
                    <button
                      type="button"
                      className={classes['link']}
                      onClick={() => openKeys({ title: `Keys of ${label} with far more time left than the others`, filter: () => ({ pattern: name, mode: 'prefix', ttlMs: { min: Math.round(usual.outliers.above) } }) })}
                    >
                      {formatExact(usual.outliers.keys)} above {formatDuration(usual.outliers.above)}
                    </button>
                  )}
                  {usual.outliers.keys > 0 && few && ', '}
                  {few && (
                    <button type="button" className={classes['link']} onClick={() => openKeys({ title: `Keys of ${label} without expiry`, filter: () => ({ pattern: name, mode: 'prefix', ttlMs: 'none' }) })}>
                      {formatExact(none)} never expire
                    </button>
                  )}
                  {usual.outliers.keys === 0 && !few && <span className={classes['dim']}>none</span>}
                </td>
                <td>{was === undefined ? <span className={classes['dim']}>{before.at === 0 ? '' : 'new'}</span> : <Drift usual={usual} was={was} />}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Drift({ usual, was }: { usual: UsualTtl; was: UsualBefore }) {
  const factor = drift(usual, was);
  if (factor === null) return <span className={classes['dim']}>as before</span>;
  const words = factor > 1 ? 'longer' : 'shorter';
  return (
    <span title={`90 % had at most ${formatDuration(was.q90)}, now ${formatDuration(usual.q90)}`}>
      <Badge tone="amber">{words}</Badge> was ~{formatDuration(was.q90)}
    </span>
  );
}
