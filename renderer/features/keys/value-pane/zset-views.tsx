import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { looksLikeGeo } from '../../../../shared/redis/geohash.ts';
import { useHost } from '../../../lib/host.ts';
import { useKeysPlace } from '../keys-context.ts';
import { CollectionValue } from './collection-value.tsx';
import { GeoView } from './geo/geo-view.tsx';
import type { ValueProps } from './value-body.tsx';
import classes from './value.module.css';

/** A sorted set as members by score, or as places where its scores are positions; the map is offered, not forced. */
export function ZsetViews(props: ValueProps) {
  const { orpc } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const [view, setView] = useState<'members' | 'map'>('members');
  const first = useQuery(orpc.values.page.queryOptions({ input: { workspaceId, db, name: props.facts.name, type: 'zset', count: 50 }, staleTime: 0, gcTime: 0 }));
  const likely = first.data?.type === 'zset' && looksLikeGeo(first.data.items.map(({ score }) => Number(score)));
  return (
    <div className={classes['body']}>
      <div className={classes['viewBar']} role="group" aria-label="View">
        <SegmentedControl
          size="xs"
          aria-label="View of the sorted set"
          value={view}
          onChange={setView}
          data={[
            { value: 'members', label: 'Members' },
            { value: 'map', label: 'Map' },
          ]}
        />
        {likely && view === 'members' && <span className={classes['viewNote']}>The scores look like positions: the map shows them.</span>}
      </div>
      {view === 'map' ? <GeoView {...props} /> : <CollectionValue {...props} type="zset" />}
    </div>
  );
}
