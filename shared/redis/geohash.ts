/** Geo positions as Redis keeps them: the score of a sorted set is a 52-bit geohash (geohash.c, geohash_helper.c). */
export interface GeoPoint {
  /** Degrees. */
  longitude: number;
  latitude: number;
}

const steps = 26;
const cells = 2 ** steps;
const longitudeLimit = 180;
const latitudeLimit = 85.051_128_78;
/** As the server has it, so that distances agree with GEODIST. */
const earthRadiusM = 6_372_797.560_856;

/** Whether a score can be a geohash: a whole number of 52 bits. */
export function isGeoScore(score: number): boolean {
  return Number.isInteger(score) && score >= 0 && score < 2 ** 52;
}

/** Every second bit of 52, from the lowest or the one above it. */
function everySecondBit(bits: bigint, first: 0n | 1n): number {
  let value = 0;
  for (let step = 0; step < steps; step += 1) {
    if (((bits >> (BigInt(step) * 2n + first)) & 1n) === 1n) value += 2 ** step;
  }
  return value;
}

/** Middle of the cell that a score names, as GEOPOS gives it. The score has to pass `isGeoScore`. */
export function geoPointOf(score: number): GeoPoint {
  const bits = BigInt(score);
  const middle = (cell: number, limit: number) => -limit + ((cell + 0.5) / cells) * 2 * limit;
  return { longitude: middle(everySecondBit(bits, 1n), longitudeLimit), latitude: middle(everySecondBit(bits, 0n), latitudeLimit) };
}

/** Metres between two points by the haversine formula, as GEODIST. */
export function geoDistanceM(a: GeoPoint, b: GeoPoint): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const u = Math.sin(radians(b.latitude - a.latitude) / 2);
  const v = Math.sin(radians(b.longitude - a.longitude) / 2);
  return 2 * earthRadiusM * Math.asin(Math.sqrt(u * u + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * v * v));
}

/**
 * Whether these scores look like geo positions: all are whole numbers of 52 bits, and few are small, as ranks, counts
 * and times in seconds or milliseconds are. Times in microseconds cannot be told from places.
 */
export function looksLikeGeo(scores: readonly number[]): boolean {
  if (scores.length === 0 || !scores.every(isGeoScore)) return false;
  return scores.filter((score) => score >= 2 ** 44).length >= scores.length * 0.8;
}
