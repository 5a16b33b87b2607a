import { useQuery } from '@tanstack/react-query';
import type { WireBytes } from '../../../../../shared/bytes.ts';
import type { Problem } from '../../../../../shared/contract/errors.ts';
import type { KeyFacts } from '../../../../../shared/contract/values.ts';
import { useHost } from '../../../../lib/host.ts';
import { toProblem } from '../../../../lib/to-problem.ts';
import { useKeysPlace } from '../../keys-context.ts';

/** What is known of a key when a dialog about it opens. What comes of it is checked against exactly this. */
export function useFacts(name: WireBytes, known: KeyFacts | null): { facts: KeyFacts | null; problem: Problem | null; again: () => void } {
  const { orpc } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const read = useQuery(orpc.values.inspect.queryOptions({ input: { workspaceId, db, name }, enabled: known === null, staleTime: Infinity, gcTime: 0 }));
  return { facts: known ?? read.data ?? null, problem: read.error === null ? null : toProblem(read.error), again: () => void read.refetch() };
}
