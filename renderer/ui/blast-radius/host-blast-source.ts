import { useEffect, useMemo, useRef } from 'react';
import type { BlastTarget } from '../../../shared/contract/blast-radius.ts';
import { useHost } from '../../lib/host.ts';
import type { BlastSource } from './use-blast-radius.ts';

/**
 * The host as the source of a measurement. `target` is asked at each start; `identity` says when the question is another one.
 */
export function useBlastSource(workspaceId: string, identity: string, target: () => BlastTarget): BlastSource {
  const { client } = useHost();
  const latest = useRef(target);
  useEffect(() => {
    latest.current = target;
  });
  return useMemo(
    (): BlastSource => ({
      check: (signal) => client.blastRadius.check({ workspaceId }, { signal }),
      sample: (request) => (signal) => client.blastRadius.sample({ target: latest.current(), ...request }, { signal }),
    }),
    // another question is another source
    // oxlint-disable-next-line react/exhaustive-deps
    [client, workspaceId, identity],
  );
}
