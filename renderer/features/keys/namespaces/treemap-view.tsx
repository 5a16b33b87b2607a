import { SegmentedControl } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { IconLayoutDashboard } from '@tabler/icons-react';
import { memo, useCallback, useDeferredValue, useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type * as v from 'valibot';
import { fromWire, toWire, wireKey, type WireBytes } from '../../../../shared/bytes.ts';
import type { treemapItem } from '../../../../shared/contract/key-groups.ts';
import type { Exactness } from '../../../../shared/contract/keys.ts';
import { formatBytes, formatCount, formatExact, formatShare, plural } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { useSetting } from '../../../lib/settings.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { wireLabel } from '../../../lib/wire-text.ts';
import { Count } from '../../../ui/count.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { LoadingRows } from '../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { WireText } from '../../../ui/wire-text-view.tsx';
import { withoutShare } from '../facts/fact-words.ts';
import { GroupBytes, GroupSheet } from '../facts/group-cells.tsx';
import { NeedFacts } from '../facts/need-facts.tsx';
import { groupFilter } from '../group-filter.ts';
import { useKeysPlace } from '../keys-context.ts';
import { useSignal } from '../signal.ts';
import type { GroupSurfaceProps } from './group-surface.tsx';
import { parentOf, PlacePath } from './place-path.tsx';
import { neighbour, squarify, type Tile } from './treemap-layout.ts';
import { useDelayedOpen } from './use-delayed-open.ts';
import { useSteadyVersion } from './use-paged.ts';
import classes from './namespaces.module.css';

type Item = v.InferOutput<typeof treemapItem>;
type By = 'keys' | 'bytes';

/** Parts drawn one by one; the others are summed up as one, so the work does not grow with the namespaces. */
const mostTiles = 250;
const heats = 6;

function heatOf(item: Item): string {
  const share = withoutShare(item.ttl);
  return share === null ? 'none' : String(Math.min(heats - 1, Math.floor(share * heats)));
}

function weightOf(item: Item, by: By): number {
  return by === 'keys' ? item.keys : (item.bytes?.value ?? 0);
}

function itemName(item: Item): string {
  if (item.kind === 'rest') return plural(item.folders, 'smaller namespace');
  return item.kind === 'keys' ? 'keys directly here' : wireLabel(item.name, 120);
}

/** The name from where the map looks. */
function below(name: WireBytes, parent: WireBytes | null): WireBytes {
  if (parent === null) return name;
  const bytes = fromWire(name);
  const above = fromWire(parent);
  return above.every((byte, at) => bytes[at] === byte) ? toWire(bytes.subarray(above.length)) : name;
}

/** What a tile says in its second line, with its mark. */
function figure(item: Item, by: By, exactness: Exactness): string {
  if (by === 'keys') return `${formatCount(item.keys, exactness, 'compact')} ${item.keys === 1 ? 'key' : 'keys'}`;
  return item.bytes === null ? 'not read' : `${item.bytes.exactness === 'exact' ? '' : '~'}${formatBytes(item.bytes.value)}`;
}

/** Where the keys or the bytes of a namespace are, as areas; a click goes down. */
export function TreemapView({ indexId, viewId, parent, onParent, delimiters, onOpen, onTable, onShowKeys }: Omit<GroupSurfaceProps, 'surface'> & { indexId: string }) {
  const { orpc } = useHost();
  const { index } = useKeysPlace();
  const facts = useSignal(index.facts, (value) => value);
  const [chosen, setBy] = useSetting<By>('keys.treemap.by', 'keys', (value): value is By => value === 'keys' || value === 'bytes');
  // The switch answers at once; hundreds of tiles follow in slices.
  const by = useDeferredValue(chosen);
  const open = useDelayedOpen(onOpen);
  const asking = useRef<() => boolean>(() => false);
  const version = useSteadyVersion(index, asking);
  const query = useQuery({
    ...orpc.keys.treemap.queryOptions({ input: { indexId, viewId, parent, by, limit: mostTiles } }),
    queryKey: ['keys.treemap', indexId, viewId, parent, by, version],
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  asking.current = () => query.isFetching;
  const needs = by === 'bytes' && !(facts?.fields.includes('bytes') ?? false);
  const goTo = (place: typeof parent) => onParent(place);
  return (
    <div className={classes['view']}>
      <div className={classes['bar']} role="group" aria-label="Treemap shown">
        <SegmentedControl
          size="xs"
          aria-label="Area by"
          value={chosen}
          onChange={(value) => setBy(value === 'bytes' ? 'bytes' : 'keys')}
          data={[
            { value: 'keys', label: 'By keys' },
            { value: 'bytes', label: 'By size' },
          ]}
        />
      </div>
      <PlacePath parent={parent} onParent={goTo} delimiters={delimiters} />
      {needs && <NeedFacts index={index} fields={['bytes']} because="Areas by size ask for" />}
      {needs || (facts?.fields.includes('ttl') ?? false) ? null : <NeedFacts index={index} fields={['ttl']} because="Colours ask for" />}
      {query.error && <ProblemView problem={toProblem(query.error)} onRetry={() => void query.refetch()} />}
      {query.data === undefined && !query.error && <LoadingRows rows={12} label="Summing up namespaces" />}
      {query.data !== undefined && (
        <Treemap
          items={query.data.items}
          exactness={query.data.exactness}
          by={by}
          parent={parent}
          onFocus={(item) => item.kind === 'folder' && open({ kind: 'folder', prefix: item.name }, 'key')}
          onDrill={(item) => {
            if (item.kind === 'folder') goTo(item.name);
            else if (item.kind === 'rest') onTable();
            else if (item.kind === 'keys' && parent !== null) onShowKeys(groupFilter({ kind: 'folder', prefix: parent }));
          }}
          onUp={() => parent !== null && goTo(parentOf(parent, delimiters))}
        />
      )}
      <Legend />
    </div>
  );
}

interface TreemapProps {
  items: readonly Item[];
  exactness: Exactness;
  by: By;
  parent: WireBytes | null;
  onFocus: (item: Item) => void;
  onDrill: (item: Item) => void;
  onUp: () => void;
}

function Treemap({ items, exactness, by, parent, onFocus, onDrill, onUp }: TreemapProps) {
  const id = useId();
  const { ref, width, height } = useElementSize<HTMLDivElement>();
  const [active, setActive] = useState(-1);
  const [hovered, setHovered] = useState(-1);
  const [focused, setFocused] = useState(false);
  const parts = useMemo(() => items.filter((item) => weightOf(item, by) > 0).toSorted((a, b) => (a.kind === 'rest' ? 1 : b.kind === 'rest' ? -1 : weightOf(b, by) - weightOf(a, by))), [items, by]);
  const total = useMemo(() => parts.reduce((sum, item) => sum + weightOf(item, by), 0), [parts, by]);
  const tiles = useMemo(() => squarify(parts.map((item) => weightOf(item, by)), { x: 0, y: 0, width, height }), [parts, by, width, height]);
  const at = Math.min(active, parts.length - 1);
  const shown = hovered >= 0 && hovered < parts.length ? hovered : focused ? at : -1;

  const latest = useRef({ parts, onDrill });
  useEffect(() => {
    latest.current = { parts, onDrill };
  });
  const pick = useCallback((place: number) => {
    const item = latest.current.parts[place];
    setActive(place);
    setHovered(-1);
    if (item) latest.current.onDrill(item);
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    const item = parts[at];
    if (event.key === 'Enter' && item) onDrill(item);
    else if (event.key === 'Backspace') onUp();
    else if (event.key.startsWith('Arrow') || event.key === 'Home' || event.key === 'End') {
      const next = at < 0 || event.key === 'Home' ? 0 : event.key === 'End' ? parts.length - 1 : neighbour(tiles, at, event.key);
      setActive(next);
      const to = parts[next];
      if (to) onFocus(to);
    } else return;
    event.preventDefault();
  };
  if (parts.length === 0) {
    return (
      <EmptyState icon={<IconLayoutDashboard size={28} stroke={1.5} />} title={by === 'bytes' && items.length > 0 ? 'No sizes are read yet' : 'Nothing to draw'}>
        {by === 'bytes' && items.length > 0 ? 'Areas appear as the sizes of keys are read.' : 'Areas appear when the scan finds keys here, or when the filter lets them through.'}
      </EmptyState>
    );
  }
  return (
    <div
      ref={ref}
      className={classes['map']}
      role="listbox"
      aria-label="Treemap"
      tabIndex={0}
      aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
      onKeyDown={onKeyDown}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
      onMouseLeave={() => setHovered(-1)}
    >
      {width > 0 &&
        parts.map((item, place) => (
          <MapTile
            key={`${item.kind}${wireKey(item.name)}`}
            id={`${id}-${place}`}
            item={item}
            tile={tiles[place] as Tile}
            parent={parent}
            words={figure(item, by, exactness)}
            share={weightOf(item, by) / total}
            active={place === at}
            place={place}
            onHover={setHovered}
            onPick={pick}
          />
        ))}
      {shown >= 0 && <Card item={parts[shown] as Item} tile={tiles[shown] as Tile} room={{ width, height }} exactness={exactness} share={weightOf(parts[shown] as Item, by) / total} />}
    </div>
  );
}

interface MapTileProps {
  id: string;
  item: Item;
  tile: Tile;
  parent: WireBytes | null;
  words: string;
  share: number;
  active: boolean;
  place: number;
  onHover: (place: number) => void;
  onPick: (place: number) => void;
}

/** Of hundreds of tiles only those that change are drawn again: the pointer crosses many. */
const MapTile = memo(function MapTile({ id, item, tile, parent, words, share, active, place, onHover, onPick }: MapTileProps) {
  const without = withoutShare(item.ttl);
  const label = [itemName(item), words, formatShare(share), ...(without === null ? [] : [`${formatShare(without)} without TTL`])].join(', ');
  return (
    <div
      id={id}
      role="option"
      aria-selected={active}
      aria-label={label}
      className={classes['tile']}
      data-heat={heatOf(item)}
      data-kind={item.kind}
      data-active={active || undefined}
      data-drills={item.kind !== 'keys' || undefined}
      style={{ left: tile.x, top: tile.y, width: tile.width, height: tile.height, ...(tile.width < 12 || tile.height < 8 ? { padding: 0 } : {}) }}
      onMouseEnter={() => onHover(place)}
      onClick={() => onPick(place)}
    >
      {tile.width >= 44 && tile.height >= 20 && <span className={classes['tileName']}>{item.kind === 'folder' ? <WireText value={below(item.name, parent)} limit={60} /> : itemName(item)}</span>}
      {tile.width >= 60 && tile.height >= 38 && <span className={`${classes['tileValue']} la-number`}>{words}</span>}
    </div>
  );
});

const cardWidth = 270;

/** Everything known of a tile, beside it; on the side that has room. */
function Card({ item, tile, room, exactness, share }: { item: Item; tile: Tile; room: { width: number; height: number }; exactness: Exactness; share: number }) {
  const left = Math.max(4, Math.min(tile.x + Math.min(tile.width, 40), room.width - cardWidth - 4));
  const below = tile.y + tile.height / 2 < room.height / 2;
  return (
    <div className={classes['card']} style={{ left, ...(below ? { top: Math.min(tile.y + 44, room.height - 60) } : { bottom: Math.max(4, room.height - tile.y - tile.height / 2 + 10) }) }} aria-hidden>
      <span className={classes['cardName']}>{item.kind === 'folder' ? <WireText value={item.name} limit={200} /> : itemName(item)}</span>
      <span>
        <Count value={item.keys} exactness={exactness} unit="keys" />, <GroupBytes estimate={item.bytes} /> · {formatShare(share)} of the area
      </span>
      <GroupSheet facts={item} />
      {item.kind === 'rest' && <span>{formatExact(item.folders)} namespaces too small to have an area of their own; the table lists them.</span>}
    </div>
  );
}

function Legend() {
  return (
    <div className={classes['legend']} role="group" aria-label="Legend">
      <span className={classes['scale']}>
        Keys without TTL: 0&nbsp;%
        <span className={classes['steps']} aria-hidden>
          {Array.from({ length: heats }, (_, at) => (
            <span key={at} className={classes['step']} data-heat={at} />
          ))}
        </span>
        100&nbsp;%
      </span>
      <span className={classes['scale']}>
        <span className={classes['step']} data-heat="none" aria-hidden />
        TTL not read
      </span>
    </div>
  );
}
