import type { HostClient } from '../../../shared/contract/contract.ts';
import type { KeyFilter } from '../../../shared/contract/key-filter.ts';
import type { GatheredNames } from '../../lib/ttl-link.ts';
import type { KeyList } from './change/change-form.ts';

const namesPerCall = 100_000;

/** The keys of a view as a list to gather, which closes the view at its end. */
export function listOfView(client: HostClient, view: Promise<{ viewId: string; total: number }>, label: string, count: number): KeyList {
  return {
    label,
    count,
    page: async (from) => {
      const { viewId, total } = await view;
      if (from >= total) return [];
      return (await client.keys.names({ viewId, ranges: [{ from, to: Math.min(total, from + namesPerCall) }], limit: namesPerCall })).names;
    },
    close: () => {
      // A view that is gone, or never came, needs no closing.
      view.then(({ viewId }) => client.keys.closeView({ viewId })).catch(() => undefined);
    },
  };
}

/** The keys that pass a filter at this moment, as a list to gather. */
export function listOf(client: HostClient, indexId: string, label: string, count: number, filter: KeyFilter): KeyList {
  const view = client.keys.openView({ index: indexId, mode: 'list', filter, expanded: [] });
  // Whoever gathers is told why there is none.
  view.catch(() => undefined);
  return listOfView(client, view, label, count);
}

/** Names that the host holds already. */
export function gatheredList({ listId, count, label }: GatheredNames): KeyList {
  return { listId, count, label, page: async () => [], close: () => undefined };
}
