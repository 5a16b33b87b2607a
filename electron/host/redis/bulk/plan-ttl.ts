import type { BulkSelection, PlanSnapshot } from '../../../../shared/contract/bulk.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { KeyFilter } from '../../../../shared/contract/key-filter.ts';
import { keySlot } from '../../../../shared/redis/slot.ts';
import { nodeOfSlot } from '../values/cluster-nodes.ts';
import type { RedisSession } from '../session.ts';
import type { ExpiryTarget } from './expiry-target.ts';
import { keyTarget, requireExpiryTimes } from './key-target.ts';
import { pageNames, type NamesWriter } from './names-file.ts';
import type { PlanTally } from './plan-tally.ts';
import { chooseKeys, type KeyChoice } from './select-keys.ts';
import { SeenNames } from './seen-names.ts';
import { untilAnswered } from './server-wait.ts';
import { walkKeys, type NodeWalk } from './walk-keys.ts';

export interface Planning {
  session: () => RedisSession;
  signal: AbortSignal;
  budget: number | null;
  tally: PlanTally;
  names: NamesWriter;
  /** Called when something can be told. */
  onChange: (change: Partial<Pick<PlanSnapshot, 'state' | 'walked' | 'total'>>) => void;
}

/** What a selection asks, without the names that may come with it. */
export function filterOf(selection: BulkSelection): KeyFilter | null {
  return selection.keys.filter ?? null;
}

/**
 * Counts and writes down the keys of a selection that an action would change. Returns whether the counts are exact.
 * `list` are the names of a selection by names.
 */
export async function planKeys(selection: BulkSelection, list: readonly Buffer[] | null, plan: Planning): Promise<boolean> {
  const { session, signal } = plan;
  const choice = chooseKeys(filterOf(selection), selection.exclude ?? []);
  const waits = { signal, onWait: (waiting: boolean) => plan.onChange({ state: waiting ? 'waiting-for-server' : 'counting' }) };
  await untilAnswered(() => requireExpiryTimes(session(), selection.db), waits);
  const target = keyTarget({ session, db: selection.db, fields: choice.fields });
  if (list !== null) {
    await planList(list, choice, target, plan, waits.onWait);
    return true;
  }
  const nodes = new Map<string, NodeWalk>();
  return walkKeys({
    session,
    db: selection.db,
    match: choice.match,
    signal,
    budget: plan.budget,
    onWait: waits.onWait,
    onNames: async (node, names) => {
      for (let at = 0; at < names.length; at += pageNames) await planPage({ node, names: names.slice(at, at + pageNames), listed: false }, choice, target, plan, waits.onWait);
    },
    onProgress: (walk) => {
      nodes.set(walk.node, walk);
      Object.assign(plan.tally.node(walk.node), { walked: walk.walked, total: walk.total, done: walk.done });
      const all = [...nodes.values()];
      const total = all.some((each) => each.total === null) ? null : all.reduce((sum, each) => sum + (each.total ?? 0), 0);
      const backingOff = all.some((each) => each.backingOff);
      plan.onChange({ state: backingOff ? 'backing-off' : 'counting', walked: all.reduce((sum, each) => sum + each.walked, 0), total });
    },
  });
}

async function planPage(
  { node, names, listed }: { node: string | null; names: readonly Buffer[]; listed: boolean },
  choice: KeyChoice,
  target: ExpiryTarget,
  { signal, tally, names: file }: Planning,
  onWait: (waiting: boolean) => void,
): Promise<void> {
  const { now, items } = await untilAnswered(() => target.read(names, node, signal), { signal, onWait });
  const found: Buffer[] = [];
  for (const [at, item] of items.entries()) {
    const name = names[at] as Buffer;
    if (!item.present) {
      // scanned and gone at once: it does not count as selected
      if (listed) tally.missing += 1;
      continue;
    }
    const taken = choice.judge(name, item);
    if (taken === null) tally.unjudged += 1;
    else if (taken && tally.add(node, name, item, now)) found.push(name);
  }
  await file.add(node, found);
}

/** Names that were given: each once, in pages by the master that holds them. */
async function planList(list: readonly Buffer[], choice: KeyChoice, target: ExpiryTarget, plan: Planning, onWait: (waiting: boolean) => void): Promise<void> {
  const seen = new SeenNames();
  const { session, signal } = plan;
  const cluster = session().facts().topology === 'cluster';
  const only = cluster ? null : ((await untilAnswered(() => session().masters(), { signal, onWait }))[0]?.id ?? null);
  const pages = new Map<string | null, Buffer[]>();
  let walked = 0;
  const flush = async (node: string | null, names: Buffer[]): Promise<void> => {
    pages.delete(node);
    await planPage({ node, names, listed: true }, choice, target, plan, onWait);
    walked += names.length;
    plan.onChange({ state: 'counting', walked, total: list.length });
  };
  for (const name of list) {
    if (signal.aborted) throw new LookasideError('CANCELLED', 'Cancelled');
    if (!choice.match.matches(name) || !seen.add(name)) {
      walked += 1;
      continue;
    }
    const node = cluster ? await nodeOfSlot(session(), keySlot(name)) : only;
    let page = pages.get(node);
    if (page === undefined) pages.set(node, (page = []));
    page.push(name);
    if (page.length === pageNames) await flush(node, page);
  }
  for (const [node, names] of pages) await flush(node, names);
  plan.onChange({ walked: list.length, total: list.length });
}
