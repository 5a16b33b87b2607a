import type { GeoPoint } from '../../../../../shared/redis/geohash.ts';

/** Web Mercator, 0 to 1 from the north-west corner: the limits of Redis's latitudes are those of this projection. */
export interface WorldPoint {
  x: number;
  y: number;
}

/** What part of the world a picture shows: its middle, and how many px the whole world is wide. */
export interface GeoWindow {
  centre: WorldPoint;
  worldPx: number;
  width: number;
  height: number;
}

export function project({ longitude, latitude }: GeoPoint): WorldPoint {
  const sine = Math.sin((latitude * Math.PI) / 180);
  return { x: (longitude + 180) / 360, y: 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI) };
}

export function unproject({ x, y }: WorldPoint): GeoPoint {
  return { longitude: x * 360 - 180, latitude: (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI };
}

export function toScreen(point: WorldPoint, { centre, worldPx, width, height }: GeoWindow): { x: number; y: number } {
  return { x: (point.x - centre.x) * worldPx + width / 2, y: (point.y - centre.y) * worldPx + height / 2 };
}

export function fromScreen(x: number, y: number, { centre, worldPx, width, height }: GeoWindow): WorldPoint {
  return { x: (x - width / 2) / worldPx + centre.x, y: (y - height / 2) / worldPx + centre.y };
}

const marginPx = 48;
const largestWorld = 2 ** 34;

/** The window that shows all points with a margin; the whole world where there are none. */
export function fitAll(points: readonly WorldPoint[], width: number, height: number): GeoWindow {
  let [minX, maxX, minY, maxY] = [1, 0, 1, 0];
  for (const { x, y } of points) {
    minX = Math.min(minX, x);
    maxX = Math.max(maxX, x);
    minY = Math.min(minY, y);
    maxY = Math.max(maxY, y);
  }
  if (points.length === 0) [minX, maxX, minY, maxY] = [0, 1, 0, 1];
  const wide = Math.max(1e-7, maxX - minX);
  const high = Math.max(1e-7, maxY - minY);
  const worldPx = Math.min((width - 2 * marginPx) / wide, (height - 2 * marginPx) / high, largestWorld);
  return { centre: { x: (minX + maxX) / 2, y: (minY + maxY) / 2 }, worldPx: Math.max(64, worldPx), width, height };
}

/** Zoomed by a factor so that the place under a point of the screen stays under it. */
export function zoomAt(window: GeoWindow, factor: number, x: number, y: number): GeoWindow {
  const under = fromScreen(x, y, window);
  const worldPx = Math.max(64, Math.min(largestWorld, window.worldPx * factor));
  const { width, height } = window;
  return { ...window, worldPx, centre: { x: under.x - (x - width / 2) / worldPx, y: under.y - (y - height / 2) / worldPx } };
}

const steps = [45, 30, 15, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];

/** Degrees between two lines of the graticule so that they lie at least 70 px apart. */
export function graticuleStep({ worldPx }: GeoWindow): number {
  return steps.findLast((step) => (step / 360) * worldPx >= 70) ?? 45;
}

/** Multiples of a step between two values. */
export function linesBetween(from: number, to: number, step: number): number[] {
  const lines = [];
  for (let at = Math.ceil(from / step); at * step <= to && lines.length < 100; at += 1) lines.push(Number((at * step).toFixed(6)));
  return lines;
}

/** px that a length on the ground takes at a latitude. */
export function metresToPx(metres: number, latitude: number, { worldPx }: GeoWindow): number {
  return (metres / (40_075_016.686 * Math.cos((latitude * Math.PI) / 180))) * worldPx;
}

/** `52.52000 N, 13.40500 E`. */
export function formatPlace({ longitude, latitude }: GeoPoint): string {
  return `${Math.abs(latitude).toFixed(5)} ${latitude < 0 ? 'S' : 'N'}, ${Math.abs(longitude).toFixed(5)} ${longitude < 0 ? 'W' : 'E'}`;
}

/** `850 m`, `1.5 km`, `8,816 km`. */
export function formatDistance(metres: number): string {
  if (metres < 1000) return `${metres < 10 ? metres.toFixed(1) : Math.round(metres)}\u00a0m`;
  const km = metres / 1000;
  return `${km < 100 ? km.toFixed(km < 10 ? 2 : 1) : Math.round(km).toString().replaceAll(/\B(?=(\d{3})+$)/g, ',')}\u00a0km`;
}
