import type { GeoHit } from '../../../../../shared/contract/values-special.ts';
import { pageCutter } from '../cut-bytes.ts';
import { readTyped, type KeyAt } from '../key-read.ts';
import { bytesOf, listOf, numberOf, replyOf } from '../replies.ts';

export interface GeoRadiusRequest {
  longitude: number;
  latitude: number;
  radiusM: number;
  limit: number;
}

/**
 * GEOSEARCH with COUNT … ANY, which ends as soon as enough are found; one more than asked for tells whether that were
 * all. The nearest come first. Needs Redis 6.2.
 */
export async function geoRadius(key: KeyAt, { longitude, latitude, radiusM, limit }: GeoRadiusRequest): Promise<{ items: GeoHit[]; complete: boolean }> {
  const place = ['FROMLONLAT', longitude, latitude, 'BYRADIUS', radiusM, 'm'];
  const [outcome] = await readTyped(key, 'zset', [['GEOSEARCH', key.name, ...place, 'ASC', 'COUNT', limit + 1, 'ANY', 'WITHCOORD', 'WITHDIST']]);
  const found = listOf(replyOf(outcome));
  const cut = pageCutter();
  const items = found.slice(0, limit).map((hit) => {
    const [member, distance, coordinates] = listOf(hit);
    const [x, y] = listOf(coordinates);
    return { member: cut(bytesOf(member)), longitude: numberOf(x), latitude: numberOf(y), distanceM: numberOf(distance) };
  });
  return { items, complete: found.length <= limit };
}
