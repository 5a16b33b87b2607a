import type { LeftReason } from '../../../../shared/contract/bulk.ts';
import { excludedReasons, type ExcludedReason, type InvalidateAction } from '../../../../shared/contract/invalidate.ts';
import type { KeyFactField } from '../../../../shared/contract/key-filter.ts';
import type { TtlAction } from '../../../../shared/contract/ttl-action.ts';
import { leftBecause, targetOf } from '../../../../shared/redis/ttl-change.ts';
import type { RedisSession } from '../session.ts';
import type { ItemState, PageState } from './expiry-target.ts';
import type { InvalidateTally } from './invalidate-tally.ts';
import type { NamesWriter, PlannedFacts, PlannedPlace } from './names-file.ts';
import { planKeys, type PlanChange } from './plan-keys.ts';
import { lacksExpiryTimes, readKeys } from './read-keys.ts';
import type { Selected } from './selection.ts';

/** Rows that are written of what is left out; all are counted. */
const maxExcludedRows = 1_000_000;

/** The change of expiry that an action is; `null` where the key itself goes. */
export function expiryActionOf(action: InvalidateAction): TtlAction | null {
  switch (action.kind) {
    case 'soft':
      return { kind: 'expire', ttlMs: action.ttlMs, jitterMs: action.jitterMs, condition: 'LT' };
    case 'persist':
      return { kind: 'persist' };
    case 'unlink':
    case 'graveyard':
      return null;
  }
}

export interface InvalidationPlanning {
  session: () => RedisSession;
  signal: AbortSignal;
  budget: number | null;
  selected: Selected;
  action: InvalidateAction;
  quick: boolean;
  seed: number;
  tally: InvalidateTally;
  names: NamesWriter;
  excluded: () => Promise<NamesWriter>;
  onChange: (change: PlanChange) => void;
}

const isExcludedReason = (reason: LeftReason): reason is LeftReason & ExcludedReason => (excludedReasons as readonly string[]).includes(reason);

/** Counts and writes down the keys that an invalidation would take. Returns whether the counts are exact. */
export async function planInvalidation(plan: InvalidationPlanning): Promise<boolean> {
  const { session, signal, selected, action, quick, seed, tally, names: file } = plan;
  const { choice } = selected;
  const expiry = expiryActionOf(action);
  const wanted: KeyFactField[] = quick ? [] : ['type', 'ttl', 'bytes', 'recency'];
  const fields = [...new Set<KeyFactField>([...choice.fields, ...wanted])];
  let exactExpiry = true;
  const read = async (db: number, names: readonly Buffer[], node: string | null): Promise<PageState> => {
    const reading = { session: session(), db, fields };
    if (exactExpiry) {
      const page = await readKeys({ ...reading, exactExpiry }, names, node, signal);
      if (!page.items.some(lacksExpiryTimes)) return page;
      exactExpiry = false;
    }
    return readKeys({ ...reading, exactExpiry }, names, node, signal);
  };
  const factsOf = (item: ItemState | null, excluded: ExcludedReason | null): PlannedFacts => ({
    type: item?.type ?? null,
    expiry: item === null || !item.present ? null : item.expiry,
    bytes: item?.facts?.bytes ?? null,
    excluded,
  });
  const leave = async (place: PlannedPlace, rows: readonly { name: Buffer; facts: PlannedFacts }[]): Promise<void> => {
    for (const { facts } of rows) tally.leave(facts.excluded ?? 'excluded');
    const out = await plan.excluded();
    const room = maxExcludedRows - out.count;
    const kept = rows.slice(0, Math.max(0, room));
    if (kept.length === 0) return;
    await out.add(
      place,
      kept.map(({ name }) => name),
      kept.map(({ facts }) => facts),
    );
  };
  /** Why a selected key would be left by its action. */
  const idle = (name: Buffer, item: ItemState, now: number): ExcludedReason | null => {
    if (expiry === null) return null;
    const reason = leftBecause(expiry, item.expiry, targetOf(expiry, seed, name, now), now);
    return reason === null ? null : isExcludedReason(reason) ? reason : 'already-so';
  };
  return planKeys({
    session,
    signal,
    budget: plan.budget,
    selected,
    read: quick && fields.length === 0 && expiry === null ? null : read,
    readGiven: read,
    meetExcluded: true,
    onChange: plan.onChange,
    sink: {
      nodes: (walks) => tally.nodes(walks),
      refused: (place, names, reason) =>
        leave(
          place,
          names.map((name) => ({ name, facts: factsOf(null, reason) })),
        ),
      page: async ({ place, listed, names, items, now }) => {
        const taken: Buffer[] = [];
        const facts: PlannedFacts[] = [];
        const left: { name: Buffer; facts: PlannedFacts }[] = [];
        names.forEach((name, at) => {
          const item = items?.[at] ?? null;
          if (item !== null && !item.present) {
            // scanned and gone at once: it was never selected
            if (listed) left.push({ name, facts: factsOf(item, 'missing') });
            return;
          }
          const reason = item === null ? (choice.excludesName(name) ? 'excluded' : null) : (choice.why(name, item) ?? idle(name, item, now));
          if (reason === null) {
            tally.add(place, name, item, now);
            taken.push(name);
            facts.push(factsOf(item, null));
          } else if (reason !== 'no-match' || listed) {
            left.push({ name, facts: factsOf(item, reason) });
          }
        });
        await file.add(place, taken, items === null ? null : facts);
        if (left.length > 0) await leave(place, left);
      },
    },
  });
}
