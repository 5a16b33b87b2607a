import * as v from 'valibot';
import { keyFilter, type KeyFilter } from '../../shared/contract/key-filter.ts';
import { wireBytes, type WireBytes } from '../../shared/bytes.ts';
import { routeHash, type RouteParams } from './navigation.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const start = v.variant('kind', [
  /** Keys that pass a filter; a filter by prefix is a folder. */
  v.object({ kind: v.literal('filter'), db: count, filter: keyFilter }),
  /** `user:{id}:*`; the values for its hole are asked for. */
  v.object({ kind: v.literal('template'), db: count, template: wireBytes }),
  /** Exactly these names, gathered by `bulk.nameList`; `label` says where they come from. */
  v.object({ kind: v.literal('list'), db: count, listId: v.string(), count, label: v.string() }),
  /** One run, under way or ended. */
  v.object({ kind: v.literal('run'), runId: v.string() }),
]);

/** What the invalidation screen begins with when a link leads to it. */
export type InvalidateStart = v.InferOutput<typeof start>;

/** Address (`window.location.hash`) of the invalidation screen with something chosen. Nothing is counted or changed by opening it. */
export function invalidateAddress(workspaceId: string, begin: InvalidateStart): string {
  return routeHash({ screen: 'invalidate', workspaceId }, { start: JSON.stringify(begin) });
}

/** The same for a filter, by its shortest way. */
export function invalidateFilterAddress(workspaceId: string, db: number, filter: KeyFilter): string {
  return invalidateAddress(workspaceId, { kind: 'filter', db, filter });
}

/** The same for all keys below a folder. */
export function invalidateFolderAddress(workspaceId: string, db: number, prefix: WireBytes): string {
  return invalidateFilterAddress(workspaceId, db, { pattern: prefix, mode: 'prefix' });
}

/** What a link asks for; `null` when nothing, or nothing that is understood. */
export function invalidateStartOf(params: RouteParams): InvalidateStart | null {
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
