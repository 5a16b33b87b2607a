import * as v from 'valibot';
import { wireBytes, type WireBytes } from '../../shared/bytes.ts';
import { keyFilter, type KeyFilter } from '../../shared/contract/key-filter.ts';
import { routeHash, type RouteParams } from './navigation.ts';

/** What the TTL screen begins with when a link leads to it. */
export type TtlStart = { kind: 'change'; filter: KeyFilter } | { kind: 'names'; names: WireBytes[] } | ({ kind: 'list' } & GatheredNames) | { kind: 'fields'; name: WireBytes };

/** Names that the host holds for a while (`bulk.nameList`): more than an address has room for. */
export interface GatheredNames {
  listId: string;
  count: number;
  /** What they are, in words. */
  label: string;
}

const start = v.variant('kind', [
  v.object({ kind: v.literal('change'), filter: keyFilter }),
  v.object({ kind: v.literal('names'), names: v.pipe(v.array(wireBytes), v.minLength(1)) }),
  v.object({ kind: v.literal('list'), listId: v.string(), count: v.number(), label: v.string() }),
  v.object({ kind: v.literal('fields'), name: wireBytes }),
]);

function address(workspaceId: string, begin: TtlStart): string {
  return routeHash({ screen: 'ttl', workspaceId }, { start: JSON.stringify(begin) });
}

/** Address (`window.location.hash`) that opens the dialog which changes the expiry of the keys that pass a filter. */
export function ttlChangeAddress(workspaceId: string, filter: KeyFilter): string {
  return address(workspaceId, { kind: 'change', filter });
}

/** The same for exactly these keys, a few. */
export function ttlNamesAddress(workspaceId: string, names: readonly WireBytes[]): string {
  return address(workspaceId, { kind: 'names', names: [...names] });
}

/** The same for names that the host has gathered. */
export function ttlListAddress(workspaceId: string, list: GatheredNames): string {
  return address(workspaceId, { kind: 'list', ...list });
}

/** Address that shows the expiries of a hash's fields. */
export function fieldTtlsAddress(workspaceId: string, name: WireBytes): string {
  return address(workspaceId, { kind: 'fields', name });
}

/** What a link asks for; `null` when nothing, or nothing that is understood. */
export function ttlStartOf(params: RouteParams): TtlStart | null {
  const text = params['start'];
  if (text === undefined) return null;
  try {
    const parsed = v.safeParse(start, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch {
    // An address that was typed or cut asks for nothing.
    return null;
  }
}
