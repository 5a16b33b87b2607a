import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import type { StoredFacts } from '../../../../shared/contract/key-facts.ts';
import { formatDuration, formatExact } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { Bytes } from '../../../ui/bytes.tsx';
import { Count } from '../../../ui/count.tsx';
import { useKeysPlace } from '../keys-context.ts';
import { useSteadyVersion } from '../namespaces/use-paged.ts';

export const topMeasures = ['bytes', 'elements', 'idle', 'frequency'] as const;
export type TopMeasure = (typeof topMeasures)[number];

export const measureWords: Record<TopMeasure, { label: string; head: string; field: 'bytes' | 'elements' | 'recency' }> = {
  bytes: { label: 'Size', head: 'Size', field: 'bytes' },
  elements: { label: 'Elements', head: 'Elements', field: 'elements' },
  idle: { label: 'Idle', head: 'Idle for', field: 'recency' },
  frequency: { label: 'Frequency', head: 'Frequency', field: 'recency' },
};

/** The keys with the most of something, of an index or of one of its views. */
export function useTop(indexId: string | null, viewId: string | null, by: TopMeasure, count: number) {
  const { orpc } = useHost();
  const { index } = useKeysPlace();
  const asking = useRef<() => boolean>(() => false);
  const version = useSteadyVersion(index, asking);
  const query = useQuery({
    ...orpc.keys.top.queryOptions({ input: { indexId: indexId ?? '', viewId, by, count } }),
    queryKey: ['keys.top', indexId, viewId, by, count, version],
    enabled: indexId !== null,
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  asking.current = () => query.isFetching;
  return query;
}

/** What a key has of a measure. */
export function Measure({ by, facts }: { by: TopMeasure; facts: StoredFacts }) {
  if (by === 'bytes') return facts.bytes === null ? null : <Bytes value={facts.bytes} />;
  if (by === 'elements') return facts.elements === null ? null : <Count value={facts.elements} />;
  if (by === 'frequency') return facts.frequency === null ? null : <Count value={facts.frequency} />;
  return facts.idleSeconds === null ? null : <span className="la-number">{formatDuration(facts.idleSeconds * 1000)}</span>;
}

/** `known for 1,234 of 5,678 keys`. */
export function knownWords(known: number, of: number): string {
  return known === of ? `of all ${formatExact(of)} keys` : `known for ${formatExact(known)} of ${formatExact(of)} keys`;
}
