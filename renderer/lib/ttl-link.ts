import * as v from 'valibot';
import type { WireBytes } from '../../shared/bytes.ts';
import { wireBytes } from '../../shared/bytes.ts';
import { keyFilter, type KeyFilter } from '../../shared/contract/key-filter.ts';
import { navigate, type RouteParams } from './navigation.ts';

/** What the TTL screen begins with when a link leads to it. */
export type TtlStart = { kind: 'change'; filter: KeyFilter } | { kind: 'fields'; name: WireBytes };

const start = v.variant('kind', [
  v.object({ kind: v.literal('change'), filter: keyFilter }),
  v.object({ kind: v.literal('fields'), name: wireBytes }),
]);

/** Opens the dialog that changes the expiry of the keys that pass a filter. */
export function goToTtlChange(workspaceId: string, filter: KeyFilter): void {
  navigate({ screen: 'ttl', workspaceId }, { start: JSON.stringify({ kind: 'change', filter }) });
}

/** Shows the expiries of a hash's fields. */
export function goToFieldTtls(workspaceId: string, name: WireBytes): void {
  navigate({ screen: 'ttl', workspaceId }, { start: JSON.stringify({ kind: 'fields', name }) });
}

/** What a link asks for; `null` when nothing, or nothing that is understood. */
export function ttlStartOf(params: RouteParams): TtlStart | null {
  const text = params['start'];
  if (text === undefined) return null;
  try {
    const parsed = v.safeParse(start, JSON.parse(text));
    return parsed.success ? (parsed.output as TtlStart) : null;
  } catch {
    // An address that was typed or cut asks for nothing.
    return null;
  }
}
