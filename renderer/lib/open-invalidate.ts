import type { WireBytes } from '../../shared/bytes.ts';
import type { HostClient } from '../../shared/contract/contract.ts';
import { invalidateAddress, type InvalidateStart } from './invalidate-link.ts';

/** Goes to the invalidation screen with something chosen; nothing is counted or changed by that. */
export function openInvalidate(workspaceId: string, start: InvalidateStart): void {
  window.location.hash = invalidateAddress(workspaceId, start);
}

/**
 * Gathers names in the host and goes to the invalidation screen with exactly these. `page` gives the next names from a place on, at most
 * 100,000 of them; none = the end. `label` says where they come from. Goes nowhere, and says so by `false`, when there are none.
 */
export async function openInvalidateNames(
  client: HostClient,
  where: { workspaceId: string; db: number },
  label: string,
  page: (from: number) => Promise<readonly WireBytes[]>,
): Promise<boolean> {
  let listId: string | null = null;
  let count = 0;
  let from = 0;
  for (let names = await page(0); names.length > 0; names = await page(from)) {
    from += names.length;
    const answer: { listId: string; names: number } = await client.bulk.nameList({ listId, names: [...names] });
    listId = answer.listId;
    count = answer.names;
  }
  if (listId === null) return false;
  openInvalidate(where.workspaceId, { kind: 'list', db: where.db, listId, count, label });
  return true;
}
