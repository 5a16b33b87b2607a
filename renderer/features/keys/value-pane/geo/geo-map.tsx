import { useEffect, useMemo, useRef, type PointerEvent } from 'react';
import { wireLabel } from '../../../../lib/wire-text.ts';
import { formatPlace, fromScreen, graticuleStep, linesBetween, metresToPx, project, toScreen, unproject, zoomAt, type GeoWindow } from './projection.ts';
import type { GeoMember } from './use-geo-members.ts';
import classes from './geo.module.css';

export interface GeoCircle {
  longitude: number;
  latitude: number;
  radiusM: number;
}

interface GeoMapProps {
  members: readonly GeoMember[];
  window: GeoWindow;
  onWindow: (window: GeoWindow) => void;
  hovered: number | null;
  onHover: (index: number | null) => void;
  selected: readonly number[];
  onSelect: (index: number) => void;
  circle: GeoCircle | null;
  /** Members within the circle, drawn apart. */
  inside: ReadonlySet<string> | null;
}

const pointPx = 3.5;
const reachPx = 9;

/** A member under a point of the screen, the nearest. */
function nearest(members: readonly GeoMember[], window: GeoWindow, x: number, y: number): number | null {
  let best: number | null = null;
  let distance = reachPx * reachPx;
  for (const [index, { world }] of members.entries()) {
    const at = toScreen(world, window);
    const away = (at.x - x) ** 2 + (at.y - y) ** 2;
    if (away <= distance) {
      best = index;
      distance = away;
    }
  }
  return best;
}

/** Members as points over a graticule, without a map below: nothing is fetched from anywhere. Wheel and drag move it. */
export function GeoMap({ members, window, onWindow, hovered, onHover, selected, onSelect, circle, inside }: GeoMapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drag = useRef<{ x: number; y: number; moved: boolean; window: GeoWindow } | null>(null);
  const latest = useRef({ window, onWindow });
  useEffect(() => {
    latest.current = { window, onWindow };
  });
  const marked = useMemo(() => new Set(selected), [selected]);

  useEffect(() => {
    const node = canvas.current;
    const context = node?.getContext('2d');
    if (!node || !context) return;
    const ratio = devicePixelRatio || 1;
    node.width = window.width * ratio;
    node.height = window.height * ratio;
    context.scale(ratio, ratio);
    const colour = (name: string) => getComputedStyle(node).getPropertyValue(name).trim();
    drawGraticule(context, window, colour);
    if (circle !== null) {
      const centre = toScreen(project(circle), window);
      context.beginPath();
      context.arc(centre.x, centre.y, metresToPx(circle.radiusM, circle.latitude, window), 0, 2 * Math.PI);
      context.strokeStyle = colour('--la-amber-line');
      context.lineWidth = 1.5;
      context.stroke();
    }
    const [plain, quiet, strong] = [colour('--la-accent'), colour('--la-line-strong'), colour('--la-amber-line')];
    for (const [index, { world, member }] of members.entries()) {
      const { x, y } = toScreen(world, window);
      if (x < -10 || y < -10 || x > window.width + 10 || y > window.height + 10) continue;
      const isInside = inside === null || inside.has(JSON.stringify(member.data));
      context.beginPath();
      context.arc(x, y, marked.has(index) || index === hovered ? pointPx + 2 : pointPx, 0, 2 * Math.PI);
      context.fillStyle = marked.has(index) ? strong : isInside ? plain : quiet;
      context.fill();
      if (index === hovered) {
        context.strokeStyle = colour('--la-text');
        context.lineWidth = 1.5;
        context.stroke();
      }
    }
    const [a, b] = selected.map((index) => members[index]?.world);
    if (a && b) {
      const [from, to] = [toScreen(a, window), toScreen(b, window)];
      context.beginPath();
      context.moveTo(from.x, from.y);
      context.lineTo(to.x, to.y);
      context.strokeStyle = strong;
      context.setLineDash([4, 4]);
      context.stroke();
      context.setLineDash([]);
    }
  }, [members, window, hovered, selected, marked, circle, inside]);

  useEffect(() => {
    const node = canvas.current;
    if (!node) return undefined;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const box = node.getBoundingClientRect();
      const { window: now, onWindow: tell } = latest.current;
      tell(zoomAt(now, Math.exp(-event.deltaY * 0.0015), event.clientX - box.left, event.clientY - box.top));
    };
    node.addEventListener('wheel', onWheel, { passive: false });
    return () => node.removeEventListener('wheel', onWheel);
  }, []);

  const placeOf = (event: PointerEvent<HTMLCanvasElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const shown = hovered === null ? undefined : members[hovered];
  const tip = shown && toScreen(shown.world, window);
  return (
    <div className={classes['map']}>
      <canvas
        ref={canvas}
        className={classes['canvas']}
        style={{ width: window.width, height: window.height }}
        role="img"
        aria-label={`Map of ${members.length} members`}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          drag.current = { ...placeOf(event), moved: false, window };
        }}
        onPointerMove={(event) => {
          const { x, y } = placeOf(event);
          const from = drag.current;
          if (from === null) return onHover(nearest(members, window, x, y));
          if (Math.abs(x - from.x) + Math.abs(y - from.y) > 3) from.moved = true;
          if (!from.moved) return;
          const { centre, worldPx } = from.window;
          onWindow({ ...window, centre: { x: centre.x - (x - from.x) / worldPx, y: centre.y - (y - from.y) / worldPx } });
        }}
        onPointerUp={(event) => {
          const from = drag.current;
          drag.current = null;
          const { x, y } = placeOf(event);
          const under = from?.moved === true ? null : nearest(members, window, x, y);
          if (under !== null) onSelect(under);
        }}
        onPointerLeave={() => onHover(null)}
      />
      {shown && tip && (
        <div className={classes['tip']} style={{ left: Math.min(tip.x + 12, window.width - 230), top: Math.min(tip.y + 12, window.height - 44) }}>
          <div className="la-cut la-mono">{wireLabel(shown.member.data, 60)}</div>
          <div className="la-number">{formatPlace(shown.place)}</div>
        </div>
      )}
    </div>
  );
}

function drawGraticule(context: CanvasRenderingContext2D, window: GeoWindow, colour: (name: string) => string): void {
  const step = graticuleStep(window);
  const northWest = unproject(fromScreen(0, 0, window));
  const southEast = unproject(fromScreen(window.width, window.height, window));
  context.strokeStyle = colour('--la-line');
  context.fillStyle = colour('--la-faint');
  context.lineWidth = 1;
  context.font = '11px Inter, system-ui, sans-serif';
  const digits = step >= 1 ? 0 : Math.ceil(-Math.log10(step));
  context.beginPath();
  for (const longitude of linesBetween(Math.max(-180, northWest.longitude), Math.min(180, southEast.longitude), step)) {
    const { x } = toScreen(project({ longitude, latitude: 0 }), window);
    context.moveTo(Math.round(x) + 0.5, 0);
    context.lineTo(Math.round(x) + 0.5, window.height);
    context.fillText(`${Math.abs(longitude).toFixed(digits)}°${longitude < 0 ? ' W' : longitude > 0 ? ' E' : ''}`, x + 4, window.height - 6);
  }
  for (const latitude of linesBetween(Math.max(-85, southEast.latitude), Math.min(85, northWest.latitude), step)) {
    const { y } = toScreen(project({ longitude: 0, latitude }), window);
    context.moveTo(0, Math.round(y) + 0.5);
    context.lineTo(window.width, Math.round(y) + 0.5);
    context.fillText(`${Math.abs(latitude).toFixed(digits)}°${latitude < 0 ? ' S' : latitude > 0 ? ' N' : ''}`, 6, y - 4);
  }
  context.stroke();
}
