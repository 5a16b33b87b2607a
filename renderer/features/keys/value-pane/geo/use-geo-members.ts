import { useEffect, useState } from 'react';
import type { Cut } from '../../../../../shared/contract/values.ts';
import type { Problem } from '../../../../../shared/contract/errors.ts';
import { geoPointOf, isGeoScore, looksLikeGeo, type GeoPoint } from '../../../../../shared/redis/geohash.ts';
import { useHost } from '../../../../lib/host.ts';
import { toProblem } from '../../../../lib/to-problem.ts';
import { useKeysPlace } from '../../keys-context.ts';
import type { ValueProps } from '../value-body.tsx';
import { project, type WorldPoint } from './projection.ts';

/** Members that are drawn; a radius search reaches the others. */
export const maxMembers = 20_000;
const perPage = 500;

export interface GeoMember {
  readonly member: Cut;
  readonly score: string;
  readonly place: GeoPoint;
  readonly world: WorldPoint;
}

export interface GeoMembers {
  readonly members: readonly GeoMember[];
  readonly total: number;
  /** Members whose scores are no geohashes. */
  readonly others: number;
  readonly plausible: boolean;
  readonly loading: boolean;
  readonly problem: Problem | null;
}

const nothing: GeoMembers = { members: [], total: 0, others: 0, plausible: true, loading: true, problem: null };

/** The members of a sorted set as places, the first 20,000 by rank. */
export function useGeoMembers({ facts, round, onGone }: ValueProps): GeoMembers {
  const { client } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const [seen, setSeen] = useState<GeoMembers>(nothing);
  const { name } = facts;
  useEffect(() => {
    const leaving = new AbortController();
    const read = async () => {
      const members: GeoMember[] = [];
      const scores: number[] = [];
      let others = 0;
      try {
        for (let from = 0; from < maxMembers; ) {
          const page = await client.values.page({ workspaceId, db, name, type: 'zset', count: Math.min(perPage, maxMembers - from), from }, { signal: leaving.signal });
          if (leaving.signal.aborted || page.type !== 'zset') return;
          for (const { member, score } of page.items) {
            const number = Number(score);
            scores.push(number);
            if (!isGeoScore(number)) {
              others += 1;
              continue;
            }
            const place = geoPointOf(number);
            members.push({ member, score, place, world: project(place) });
          }
          from += page.items.length;
          const done = page.items.length === 0 || from >= page.total || from >= maxMembers;
          setSeen({ members: [...members], total: page.total, others, plausible: looksLikeGeo(scores), loading: !done, problem: null });
          if (done) return;
        }
      } catch (error) {
        if (leaving.signal.aborted) return;
        const problem = toProblem(error);
        if (problem.code === 'KEY_GONE' || problem.code === 'REDIS_WRONG_TYPE') onGone();
        setSeen((before) => ({ ...before, loading: false, problem }));
      }
    };
    void read();
    return () => leaving.abort();
    // The key is another only when these change.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [client, workspaceId, db, name, round]);
  return seen;
}
