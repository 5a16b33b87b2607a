import { Button, TextInput } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { IconFocusCentered, IconMinus, IconPlus } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { GeoHit } from '../../../../../shared/contract/values-special.ts';
import type { Problem } from '../../../../../shared/contract/errors.ts';
import { geoDistanceM } from '../../../../../shared/redis/geohash.ts';
import { formatExact, plural } from '../../../../lib/format.ts';
import { useHost } from '../../../../lib/host.ts';
import { toProblem } from '../../../../lib/to-problem.ts';
import { IconButton } from '../../../../ui/icon-button.tsx';
import { LoadingRows } from '../../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../../ui/problem-view.tsx';
import { VirtualRows } from '../../../../ui/virtual-rows.tsx';
import { WireText } from '../../../../ui/wire-text-view.tsx';
import { useKeysPlace } from '../../keys-context.ts';
import type { ValueProps } from '../value-body.tsx';
import { GeoMap, type GeoCircle } from './geo-map.tsx';
import { fitAll, formatDistance, formatPlace, zoomAt, type GeoWindow } from './projection.ts';
import { maxMembers, useGeoMembers, type GeoMembers } from './use-geo-members.ts';
import frame from '../framed-view.module.css';
import classes from './geo.module.css';

const radiusLimit = 500;

interface Found {
  circle: GeoCircle;
  items: readonly GeoHit[];
  complete: boolean;
}

/** A sorted set whose scores are geohashes, as places. */
export function GeoView(props: ValueProps) {
  const geo = useGeoMembers(props);
  if (geo.problem && geo.members.length === 0) return <ProblemView fills problem={geo.problem} />;
  if (geo.members.length === 0 && geo.loading) return <LoadingRows rows={8} label="Reading the places" />;
  return <Places props={props} geo={geo} />;
}

function Places({ props, geo }: { props: ValueProps; geo: GeoMembers }) {
  const { client } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const { ref: box, width, height } = useElementSize();
  const [moved, setMoved] = useState<GeoWindow | null>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  const [selected, setSelected] = useState<readonly number[]>([]);
  const [radius, setRadius] = useState('');
  const [found, setFound] = useState<Found | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const { members } = geo;
  const fitted = useMemo(() => fitAll(members.map(({ world }) => world), width, height), [members, width, height]);
  const window: GeoWindow = moved === null ? fitted : { ...moved, width, height };
  const zoom = (factor: number) => setMoved(zoomAt(window, factor, width / 2, height / 2));
  const select = (index: number) => setSelected((before) => (before.includes(index) ? before.filter((one) => one !== index) : [...before, index].slice(-2)));
  const [first, second] = selected.map((index) => members[index]);
  const radiusM = parseDistance(radius);
  const inside = useMemo(() => (found === null ? null : new Set(found.items.map(({ member }) => JSON.stringify(member.data)))), [found]);

  const search = async () => {
    if (first === undefined || radiusM === null) return;
    setBusy(true);
    setProblem(null);
    try {
      const circle = { ...first.place, radiusM };
      const answer = await client.values.geoRadius({ workspaceId, db, name: props.facts.name, ...circle, limit: radiusLimit });
      setFound({ circle, ...answer });
    } catch (error) {
      setProblem(toProblem(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={frame['view']}>
      <div className={frame['bar']} role="group" aria-label="Map">
        <span role="status" className="la-number">
          {geo.total > members.length + geo.others ? `${formatExact(members.length)} of ${plural(geo.total, 'member')}${geo.loading ? '' : `, the first ${formatExact(maxMembers)} by score`}` : plural(geo.total, 'member')}
          {geo.others > 0 && `; ${plural(geo.others, 'score is', 'scores are')} no place`}
        </span>
        <span className={frame['spring']} />
        <TextInput w={110} aria-label="Radius" placeholder="Radius: 5 km" value={radius} error={radius !== '' && radiusM === null} onChange={(event) => setRadius(event.currentTarget.value)} />
        <Button variant="default" loading={busy} disabled={first === undefined || radiusM === null} title={first === undefined ? 'Choose a member first' : undefined} onClick={() => void search()}>
          Find around
        </Button>
        <IconButton label="Zoom in" icon={<IconPlus size={14} />} onClick={() => zoom(2)} />
        <IconButton label="Zoom out" icon={<IconMinus size={14} />} onClick={() => zoom(0.5)} />
        <IconButton label="Show all" icon={<IconFocusCentered size={14} />} onClick={() => setMoved(null)} />
      </div>
      {!geo.plausible && (
        <p className={classes['notice']} role="status">
          These scores do not look like positions: GEOADD writes whole numbers of 52 bits, most of them large. The places below may mean nothing.
        </p>
      )}
      {(problem ?? geo.problem) && <ProblemView problem={(problem ?? geo.problem) as Problem} onRetry={() => setProblem(null)} retryLabel="Dismiss" />}
      <div className={classes['halves']}>
        <div ref={box} className={classes['mapBox']}>
          {width > 0 && height > 0 && (
            <GeoMap members={members} window={window} onWindow={setMoved} hovered={hovered} onHover={setHovered} selected={selected} onSelect={select} circle={found?.circle ?? null} inside={inside} />
          )}
        </div>
        <div className={classes['list']} data-value-focus>
          <VirtualRows
            label="Places"
            role="listbox"
            count={members.length}
            active={hovered ?? selected.at(-1) ?? 0}
            isSelected={(index) => selected.includes(index)}
            multiple
            rowAria={(index) => ({ 'aria-label': members[index] ? formatPlace(members[index].place) : '' })}
            onMove={(index, { by }) => (by === 'pointer' ? select(index) : setHovered(index))}
            onActivate={select}
            renderRow={(index) => {
              const one = members[index];
              return (
                one && (
                  <div className={classes['place']}>
                    <span className="la-cut">
                      <WireText value={one.member.data} limit={60} />
                    </span>
                    <span className={`${classes['coordinates']} la-number`}>{formatPlace(one.place)}</span>
                  </div>
                )
              );
            }}
          />
        </div>
      </div>
      <div className={frame['foot']} role="status">
        {first === undefined && <span>Choose one member for a search around it, two for their distance.</span>}
        {first !== undefined && second === undefined && (
          <span className="la-cut">
            <WireText value={first.member.data} limit={60} /> at {formatPlace(first.place)}
          </span>
        )}
        {first !== undefined && second !== undefined && (
          <span className="la-number" title={`${geoDistanceM(first.place, second.place).toFixed(4)} m`}>
            {formatDistance(geoDistanceM(first.place, second.place))} from <WireText value={first.member.data} limit={40} /> to <WireText value={second.member.data} limit={40} />
          </span>
        )}
        {found !== null && (
          <>
            <span className="la-number">
              {found.complete ? plural(found.items.length, 'member') : `more than ${formatExact(found.items.length)} members, any of them shown,`} within {formatDistance(found.circle.radiusM)}
            </span>
            <Button variant="subtle" color="gray" onClick={() => setFound(null)}>
              Clear
            </Button>
          </>
        )}
      </div>
    </div>
  );
}

/** `5 km`, `300 m`, `2 mi`, in metres; `null` when it is no distance. */
function parseDistance(text: string): number | null {
  const [, number, unit = 'm'] = /^(\d+(?:\.\d+)?)\s*(m|km|mi|ft)?$/.exec(text.trim().toLowerCase()) ?? [];
  if (number === undefined) return null;
  const metres = Number(number) * ({ m: 1, km: 1000, mi: 1609.344, ft: 0.3048 }[unit] ?? 1);
  return metres <= 21_000_000 ? metres : null;
}
