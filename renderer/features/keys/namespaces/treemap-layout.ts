/** A rectangle in px. */
export interface Tile {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** How far the worst tile of a row is from a square: 1 is one. */
function worst(areas: readonly number[], from: number, to: number, sum: number, side: number): number {
  const thick = sum / side;
  let most = 1;
  for (let at = from; at < to; at += 1) {
    const long = (areas[at] as number) / thick;
    most = Math.max(most, thick / long, long / thick);
  }
  return most;
}

/**
 * Squarified treemap (Bruls, Huizing, van Wijk): one tile a weight, areas in proportion, as square as rows along the
 * shorter side allow. Best with weights in descending order; weights of 0 and less get empty tiles.
 */
export function squarify(weights: readonly number[], box: Tile): Tile[] {
  const total = weights.reduce((sum, weight) => sum + Math.max(0, weight), 0);
  const none = { x: box.x + box.width, y: box.y + box.height, width: 0, height: 0 };
  if (total <= 0 || box.width <= 0 || box.height <= 0) return weights.map(() => ({ ...none }));
  const scale = (box.width * box.height) / total;
  const places = weights.map((weight, at) => ({ at, area: Math.max(0, weight) * scale })).filter(({ area }) => area > 0);
  const areas = places.map(({ area }) => area);
  const tiles: Tile[] = weights.map(() => ({ ...none }));
  let { x, y, width, height } = box;
  for (let from = 0; from < areas.length; ) {
    const side = Math.min(width, height);
    let to = from + 1;
    let sum = areas[from] as number;
    let ratio = worst(areas, from, to, sum, side);
    while (to < areas.length) {
      const next = sum + (areas[to] as number);
      const nextRatio = worst(areas, from, to + 1, next, side);
      if (nextRatio > ratio) break;
      ratio = nextRatio;
      sum = next;
      to += 1;
    }
    // The last row takes all that is left, so that rounding leaves no gap.
    const upright = width >= height;
    const thick = to === areas.length ? (upright ? width : height) : sum / side;
    let along = upright ? y : x;
    for (let at = from; at < to; at += 1) {
      const long = ((areas[at] as number) / sum) * side;
      tiles[(places[at] as { at: number }).at] = upright ? { x, y: along, width: thick, height: long } : { x: along, y, width: long, height: thick };
      along += long;
    }
    if (upright) {
      x += thick;
      width = Math.max(0, width - thick);
    } else {
      y += thick;
      height = Math.max(0, height - thick);
    }
    from = to;
  }
  return tiles;
}

/** The tile that an arrow leads to: the nearest one that lies that way, or the same when there is none. */
export function neighbour(tiles: readonly Tile[], from: number, key: string): number {
  const start = tiles[from];
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  if (start === undefined || way === undefined) return from;
  const [dx, dy] = way as [number, number];
  const centre = (tile: Tile) => ({ x: tile.x + tile.width / 2, y: tile.y + tile.height / 2 });
  const here = centre(start);
  let best = from;
  let nearest = Infinity;
  for (const [at, tile] of tiles.entries()) {
    if (at === from || tile.width === 0 || tile.height === 0) continue;
    // Beyond the edge of the start on that side.
    const gap = dx < 0 ? start.x - (tile.x + tile.width) : dx > 0 ? tile.x - (start.x + start.width) : dy < 0 ? start.y - (tile.y + tile.height) : tile.y - (start.y + start.height);
    if (gap < -0.5) continue;
    const there = centre(tile);
    const aside = dx === 0 ? Math.max(0, Math.abs(there.x - here.x) - tile.width / 2) : Math.max(0, Math.abs(there.y - here.y) - tile.height / 2);
    const distance = gap + aside * 3;
    if (distance < nearest) {
      nearest = distance;
      best = at;
    }
  }
  return best;
}
