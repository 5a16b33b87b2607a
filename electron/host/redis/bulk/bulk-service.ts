import { randomInt } from 'node:crypto';
import type { PlanSnapshot } from '../../../../shared/contract/bulk.ts';
import { leastTtlMs, type TtlAction } from '../../../../shared/contract/ttl-action.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { fromWire } from '../../../../shared/bytes.ts';
import { describeAction } from '../../../../shared/redis/ttl-change.ts';
import type { BulkService } from '../../services.ts';
import type { BulkEngine } from './bulk-engine.ts';
import { planFields, watchFieldTtls } from './fields.ts';
import { mayRunScripts } from './key-target.ts';
import { PlanTally, planSnapshotOf, planTermsOf, type TtlPlanFacts } from './plan-tally.ts';
import { planTtl as planTtlOf } from './plan-ttl.ts';
import { serverClock } from './read-keys.ts';
import { namesOf } from './select-keys.ts';
import { resolveSelection, shownName } from './selection.ts';

/** Throws INVALID_INPUT for a time that would delete at once. */
function checkAction(action: TtlAction, now: number): void {
  if (action.kind !== 'expireAt' || action.at >= now + leastTtlMs) return;
  throw new LookasideError('INVALID_INPUT', 'The time is past, or less than a second away: the keys would be deleted at once', {
    hint: 'Choose a later time. To delete keys, use invalidation, which can be undone.',
    details: { field: 'action.at', serverTime: now },
  });
}

/** Changes of many keys or fields: preview, run, resume, undo. */
export function createBulkService({ connections, workspaces, quota, plans, lists, runs }: BulkEngine): BulkService {
  const readQuota = async () => ({ quota: await quota.read(), usedBytes: await quota.used() });

  async function* planTtl({ selection, action, budget }: Parameters<BulkService['planTtl']>[0], signal: AbortSignal): AsyncGenerator<PlanSnapshot, void, void> {
    const session = () => connections.redis(selection.workspaceId);
    const workspace = await workspaces.get(selection.workspaceId);
    const checked = normalAction(action);
    checkAction(checked, await serverClock(session(), null, signal));
    const selected = await resolveSelection({ ...selection, exclude: selection.exclude ?? [] }, { session, namesOfList: (listId) => lists.names(listId), signal });
    const { filters, exclude, everything, words } = selected;
    const seed = randomInt(0x1_0000_0000);
    const tally = new PlanTally(checked, seed);
    const facts: TtlPlanFacts = { tally, workspace, unit: 'keys', everything, method: mayRunScripts(session()) ? 'script' : 'two-steps' };
    yield* plans.count(
      {
        workspace,
        seed,
        header: {
          kind: 'ttl',
          unit: 'keys',
          title: `${describeAction(checked)}: ${words}`,
          db: selected.dbs[0] ?? selection.db,
          hash: null,
          action: checked,
          filter: filters[0] ?? null,
          also: filters.slice(1),
          exclude,
        },
        snapshot: (progress) => planSnapshotOf(facts, progress),
        terms: () => planTermsOf(facts),
        work: (plan) => planTtlOf({ ...plan, session, budget: budget ?? null, selected, tally }),
      },
      signal,
    );
  }

  async function* planFieldTtl(input: Parameters<BulkService['planFieldTtl']>[0], signal: AbortSignal): AsyncGenerator<PlanSnapshot, void, void> {
    const { workspaceId, db, name, fields } = input;
    const session = () => connections.redis(workspaceId);
    const workspace = await workspaces.get(workspaceId);
    const action = normalAction(input.action);
    checkAction(action, await serverClock(session(), null, signal));
    const everything = fields.kind === 'glob' && fromWire(fields.pattern).length === 0;
    const which = fields.kind === 'names' ? `${fields.names.length} named fields` : everything ? 'all fields' : `fields matching ${shownName(fields.pattern)}`;
    const seed = randomInt(0x1_0000_0000);
    const tally = new PlanTally(action, seed);
    const facts: TtlPlanFacts = { tally, workspace, unit: 'fields', everything, method: mayRunScripts(session()) ? 'script' : 'two-steps' };
    yield* plans.count(
      {
        workspace,
        seed,
        header: {
          kind: 'field-ttl',
          unit: 'fields',
          title: `${describeAction(action)}: ${which} of ${shownName(name)}`,
          db,
          hash: name,
          action,
          filter: null,
          exclude: [],
        },
        snapshot: (progress) => planSnapshotOf(facts, progress),
        terms: () => planTermsOf(facts),
        work: (plan) => planFields({ db, hash: Buffer.from(fromWire(name)), fields }, { ...plan, session, tally }),
      },
      signal,
    );
  }

  return {
    nameList: async ({ listId = null, names }) => lists.add(listId, namesOf(names)),
    planTtl,
    planNames: ({ planId, from, count }) => plans.names(planId, from, count),
    discardPlan: (planId) => plans.discard(planId),
    runTtl: ({ planId, confirm, keysPerSecond = null }) => runs.start(planId, confirm, { pace: { keysPerSecond } }),
    watchRun: (runId, signal) => runs.watch(runId, signal),
    failures: async (runId) => runs.failures(runId),
    setRate: async (runId, keysPerSecond) => runs.setRate(runId, keysPerSecond),
    runs: () => runs.list(),
    unfinished: async () => (await runs.list()).filter(({ resumable }) => resumable),
    resumeRun: ({ runId, keysPerSecond = null }) => runs.resume(runId, keysPerSecond),
    undoTtl: ({ runId, force = false, expirePast = false, keysPerSecond = null }) => runs.undo(runId, { force, expirePast, pace: { keysPerSecond } }),
    forgetRun: (runId) => runs.forget(runId),
    journalQuota: readQuota,
    setJournalQuota: async (next) => {
      await quota.save(next);
      await quota.makeRoom(0).catch((error: unknown) => {
        // what cannot be removed because it is unfinished only shows in the numbers
        if (!(error instanceof LookasideError) || error.code !== 'LIMIT_EXCEEDED') throw error;
      });
      return readQuota();
    },
    fieldTtls: ({ workspaceId, db, name }, signal) => watchFieldTtls({ session: () => connections.redis(workspaceId), db, hash: Buffer.from(fromWire(name)) }, signal),
    planFieldTtl,
    runFieldTtl: ({ planId, confirm, keysPerSecond = null }) => runs.start(planId, confirm, { pace: { keysPerSecond } }),
    closing: () => runs.closing(),
    closeAll: async () => {
      lists.clear();
      await plans.closeAll();
    },
  };
}

type GivenAction = Parameters<BulkService['planTtl']>[0]['action'];

/** With its defaults, whoever called. */
function normalAction(action: GivenAction): TtlAction {
  return action.kind === 'persist' ? action : { ...action, jitterMs: action.jitterMs ?? 0 };
}
