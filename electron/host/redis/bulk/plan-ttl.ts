import type { RedisSession } from '../session.ts';
import type { ExpiryTarget } from './expiry-target.ts';
import { keyTarget, requireExpiryTimes } from './key-target.ts';
import { planKeys, type PlanChange } from './plan-keys.ts';
import type { NamesWriter } from './names-file.ts';
import type { PlanTally } from './plan-tally.ts';
import type { Selected } from './selection.ts';
import { untilAnswered } from './server-wait.ts';

export interface TtlPlanning {
  session: () => RedisSession;
  signal: AbortSignal;
  budget: number | null;
  selected: Selected;
  tally: PlanTally;
  names: NamesWriter;
  onChange: (change: PlanChange) => void;
}

/** Counts and writes down the keys of a selection that an action would change. Returns whether the counts are exact. */
export async function planTtl({ session, signal, budget, selected, tally, names: file, onChange }: TtlPlanning): Promise<boolean> {
  const { choice } = selected;
  const onWait = (waiting: boolean): void => onChange({ state: waiting ? 'waiting-for-server' : 'counting' });
  const first = selected.dbs[0] ?? 0;
  await untilAnswered(() => requireExpiryTimes(session(), first), { signal, onWait });
  const targets = new Map<number, ExpiryTarget>(selected.dbs.map((db) => [db, keyTarget({ session, db, fields: choice.fields })]));
  const read: NonNullable<Parameters<typeof planKeys>[0]['read']> = (db, names, node) => (targets.get(db) as ExpiryTarget).read(names, node, signal);
  return planKeys({
    session,
    signal,
    budget,
    selected,
    read,
    readGiven: read,
    meetExcluded: false,
    onChange,
    sink: {
      page: async ({ place, listed, names, items, now }) => {
        const found: Buffer[] = [];
        for (const [at, item] of (items ?? []).entries()) {
          const name = names[at] as Buffer;
          if (!item.present) {
            // scanned and gone at once: it does not count as selected
            if (listed) tally.missing += 1;
            continue;
          }
          const taken = choice.judge(name, item);
          if (taken === null) tally.unjudged += 1;
          else if (taken && tally.add(place.node, name, item, now)) found.push(name);
        }
        await file.add(place, found);
      },
      refused: async () => undefined,
      nodes: (walks) => {
        for (const { node, walked, total, done } of walks) Object.assign(tally.node(node), { walked, total, done });
      },
    },
  });
}
