import { useQuery } from '@tanstack/react-query';
import { fromWire } from '../../../../../shared/bytes.ts';
import { hllMaxBytes, looksLikeHyperLogLog } from '../../../../../shared/redis/hyperloglog.ts';
import { useHost } from '../../../../lib/host.ts';
import { useKeysPlace } from '../../keys-context.ts';
import type { ValueProps } from '../value-body.tsx';

/** Whether a string begins as a HyperLogLog does; asks only where its length allows one. */
export function useIsHyperLogLog({ facts }: ValueProps): boolean {
  const { orpc } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const length = facts.length ?? 0;
  const header = useQuery(
    orpc.values.page.queryOptions({
      input: { workspaceId, db, name: facts.name, type: 'string', count: 1, from: 0, bytes: 16 },
      enabled: length > 16 && length <= hllMaxBytes,
      staleTime: 0,
      gcTime: 0,
    }),
  );
  return header.data?.type === 'string' && looksLikeHyperLogLog(fromWire(header.data.chunk));
}
