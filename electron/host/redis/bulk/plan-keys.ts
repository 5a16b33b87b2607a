import type { PlanSnapshot } from '../../../../shared/contract/bulk.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { keySlot } from '../../../../shared/redis/slot.ts';
import { nodeOfSlot } from '../values/cluster-nodes.ts';
import type { RedisSession } from '../session.ts';
import type { ItemState, PageState } from './expiry-target.ts';
import { pageNames, type PlannedPlace } from './names-file.ts';
import type { Selected } from './selection.ts';
import { SeenNames } from './seen-names.ts';
import { untilAnswered } from './server-wait.ts';
import { walkKeys, type NodeWalk } from './walk-keys.ts';

export type PlanChange = Partial<Pick<PlanSnapshot, 'state' | 'walked' | 'total'>>;

/** Names that a plan has met, with their facts where they were read. */
export interface MetPage {
  place: PlannedPlace;
  /** They were given by name, so that one that does not exist is worth telling. */
  listed: boolean;
  names: readonly Buffer[];
  items: readonly ItemState[] | null;
  /** The server's clock, Unix ms. */
  now: number;
}

/** Where a plan writes down what it meets. */
export interface PlanSink {
  page(page: MetPage): Promise<void>;
  /** Given names that are left before anything is read of them. */
  refused(place: PlannedPlace, names: readonly Buffer[], reason: 'no-match' | 'elsewhere'): Promise<void>;
  /** How far each master is, over all databases. */
  nodes(walks: readonly NodeWalk[]): void;
}

export interface Planning {
  session: () => RedisSession;
  signal: AbortSignal;
  budget: number | null;
  selected: Selected;
  /** Reads a page of names; `null`: what is found by a walk is taken unread. */
  read: ((db: number, names: readonly Buffer[], node: string | null) => Promise<PageState>) | null;
  /** Where names were given, they must be read in any case. */
  readGiven: (db: number, names: readonly Buffer[], node: string | null) => Promise<PageState>;
  /** Whether names that an exclusion takes are met too, to be counted. */
  meetExcluded: boolean;
  sink: PlanSink;
  /** Called when something can be told. */
  onChange: (change: PlanChange) => void;
}

/** Meets every key of a selection once. Returns whether that is certain (slots of a cluster may have moved until the end). */
export async function planKeys(plan: Planning): Promise<boolean> {
  const { selected, session, signal, sink } = plan;
  const onWait = (waiting: boolean): void => plan.onChange({ state: waiting ? 'waiting-for-server' : 'counting' });
  if (selected.list !== null) {
    await planList(selected.list, plan, onWait);
    return true;
  }
  const walks = new Map<string, NodeWalk>();
  let exact = true;
  for (const db of selected.dbs) {
    exact =
      (await walkKeys({
        session,
        db,
        only: selected.node,
        match: plan.meetExcluded ? selected.choice.own : selected.choice.match,
        signal,
        budget: plan.budget,
        onWait,
        onNames: async (node, names) => {
          const { read } = plan;
          if (read === null) {
            await sink.page({ place: { node, db }, listed: false, names, items: null, now: 0 });
            return;
          }
          for (let at = 0; at < names.length; at += pageNames) {
            const some = names.slice(at, at + pageNames);
            const { now, items } = await untilAnswered(() => read(db, some, node), { signal, onWait });
            await sink.page({ place: { node, db }, listed: false, names: some, items, now });
          }
        },
        onProgress: (walk) => {
          walks.set(`${db} ${walk.node}`, walk);
          const byNode = sumByNode([...walks.values()]);
          sink.nodes(byNode);
          const total = byNode.some((each) => each.total === null) ? null : byNode.reduce((sum, each) => sum + (each.total ?? 0), 0);
          const backingOff = byNode.some((each) => each.backingOff);
          plan.onChange({ state: backingOff ? 'backing-off' : 'counting', walked: byNode.reduce((sum, each) => sum + each.walked, 0), total });
        },
      })) && exact;
  }
  return exact;
}

function sumByNode(walks: readonly NodeWalk[]): NodeWalk[] {
  const nodes = new Map<string, NodeWalk>();
  for (const walk of walks) {
    const known = nodes.get(walk.node);
    if (known === undefined) nodes.set(walk.node, { ...walk });
    else {
      known.walked += walk.walked;
      known.total = known.total === null || walk.total === null ? null : known.total + walk.total;
      known.done &&= walk.done;
      known.backingOff ||= walk.backingOff;
    }
  }
  return [...nodes.values()];
}

/** Names that were given: each once in each database, in pages by the master that holds them. */
async function planList(list: readonly Buffer[], plan: Planning, onWait: (waiting: boolean) => void): Promise<void> {
  const { session, signal, sink, selected } = plan;
  const { choice, dbs } = selected;
  const match = plan.meetExcluded ? choice.own : choice.match;
  const cluster = session().facts().topology === 'cluster';
  const only = cluster ? null : ((await untilAnswered(() => session().masters(), { signal, onWait }))[0]?.id ?? null);
  const total = list.length * dbs.length;
  let walked = 0;
  for (const db of dbs) {
    const seen = new SeenNames();
    const pages = new Map<string | null, Buffer[]>();
    const refused = new Map<'no-match' | 'elsewhere', Buffer[]>();
    const flush = async (node: string | null, names: Buffer[]): Promise<void> => {
      pages.delete(node);
      const { now, items } = await untilAnswered(() => plan.readGiven(db, names, node), { signal, onWait });
      await sink.page({ place: { node, db }, listed: true, names, items, now });
      walked += names.length;
      plan.onChange({ state: 'counting', walked, total });
    };
    const refuse = async (reason: 'no-match' | 'elsewhere', name: Buffer, node: string | null): Promise<void> => {
      const open = refused.get(reason) ?? [];
      open.push(name);
      walked += 1;
      refused.set(reason, open.length < pageNames ? open : []);
      if (open.length >= pageNames) await sink.refused({ node, db }, open, reason);
    };
    for (const name of list) {
      if (signal.aborted) throw new LookasideError('CANCELLED', 'Cancelled');
      if (!seen.add(name)) {
        walked += 1;
        continue;
      }
      if (!match.matches(name)) {
        await refuse('no-match', name, null);
        continue;
      }
      const node = cluster ? await nodeOfSlot(session(), keySlot(name)) : only;
      if (selected.node !== null && node !== selected.node) {
        await refuse('elsewhere', name, node);
        continue;
      }
      let page = pages.get(node);
      if (page === undefined) pages.set(node, (page = []));
      page.push(name);
      if (page.length === pageNames) await flush(node, page);
    }
    for (const [node, names] of pages) await flush(node, names);
    for (const [reason, names] of refused) if (names.length > 0) await sink.refused({ node: null, db }, names, reason);
  }
  plan.onChange({ walked: total, total });
}
