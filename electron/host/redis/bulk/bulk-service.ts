import type { BulkSelection, PlanSnapshot } from '../../../../shared/contract/bulk.ts';
import { leastTtlMs, type TtlAction } from '../../../../shared/contract/ttl-action.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { fromWire } from '../../../../shared/bytes.ts';
import { redisCliArgument } from '../../../../shared/redis/cli-quote.ts';
import { describeAction } from '../../../../shared/redis/ttl-change.ts';
import type { AuditJournal } from '../../connections/audit-journal.ts';
import type { BulkService, ConnectionService, JobService, SettingsService, WorkspaceService } from '../../services.ts';
import { planFields, watchFieldTtls } from './fields.ts';
import { Quota } from './journal/quota.ts';
import { RunStore } from './journal/run-store.ts';
import { mayRunScripts } from './key-target.ts';
import { NameLists } from './name-lists.ts';
import { planKeys } from './plan-ttl.ts';
import { PlanStore } from './plan-store.ts';
import { serverClock } from './read-keys.ts';
import { RunService } from './run-service.ts';
import { chooseKeys, namesOf } from './select-keys.ts';

export interface BulkServiceOptions {
  connections: Pick<ConnectionService, 'redis'>;
  workspaces: Pick<WorkspaceService, 'get'>;
  jobs: Pick<JobService, 'start'>;
  settings: Pick<SettingsService, 'all' | 'save'>;
  audit: AuditJournal;
  /** The data folder; plans and journals go to `bulk` in it. */
  folder: string;
  report: (error: unknown) => void;
}

const longestName = 60;

function shown(wire: Parameters<typeof fromWire>[0]): string {
  const text = redisCliArgument(fromWire(wire));
  return text.length <= longestName ? text : `${text.slice(0, longestName)}…`;
}

function whichKeys({ keys, exclude }: BulkSelection, list: readonly Buffer[] | null): string {
  const { filter } = keys;
  const { pattern } = filter ?? { pattern: '' };
  const named = fromWire(pattern).length > 0;
  const match = named ? ` ${filter?.mode === 'prefix' ? 'beginning with' : filter?.mode === 'literal' ? 'containing' : 'matching'} ${shown(pattern)}` : '';
  const facts = filter !== undefined && Object.entries(filter).some(([field, asked]) => field !== 'pattern' && field !== 'mode' && asked !== undefined);
  const conditions = `${facts ? ' that meet a filter' : ''}${(exclude ?? []).length > 0 ? ', with exceptions' : ''}`;
  return list === null ? `${named || conditions !== '' ? 'keys' : 'all keys'}${match}${conditions}` : `${list.length} named keys${match}${conditions}`;
}

/** Throws INVALID_INPUT for a time that would delete at once. */
function checkAction(action: TtlAction, now: number): void {
  if (action.kind !== 'expireAt' || action.at >= now + leastTtlMs) return;
  throw new LookasideError('INVALID_INPUT', 'The time is past, or less than a second away: the keys would be deleted at once', {
    hint: 'Choose a later time. To delete keys, use invalidation, which can be undone.',
    details: { field: 'action.at', serverTime: now },
  });
}

/** Changes of many keys or fields: preview, run, resume, undo. */
export function createBulkService(options: BulkServiceOptions): BulkService {
  const { connections, workspaces, report } = options;
  const store = new RunStore(options.folder);
  const quota = new Quota(options.settings, store);
  const plans = new PlanStore(store, report);
  const lists = new NameLists();
  const runs = new RunService({ connections, jobs: options.jobs, store, quota, plans, audit: options.audit, report });
  const readQuota = async () => ({ quota: await quota.read(), usedBytes: await quota.used() });

  function listOf({ keys }: BulkSelection): readonly Buffer[] | null {
    if (keys.kind === 'names') return namesOf(keys.names);
    return keys.kind === 'list' ? lists.names(keys.listId) : null;
  }

  async function* planTtl({ selection, action, budget }: Parameters<BulkService['planTtl']>[0], signal: AbortSignal): AsyncGenerator<PlanSnapshot, void, void> {
    const session = () => connections.redis(selection.workspaceId);
    const workspace = await workspaces.get(selection.workspaceId);
    const checked = normalAction(action);
    checkAction(checked, await serverClock(session(), null, signal));
    const parsed: BulkSelection = { ...selection, exclude: selection.exclude ?? [] };
    const list = listOf(parsed);
    const choice = chooseKeys(parsed.keys.filter ?? null, parsed.exclude);
    yield* plans.count(
      {
        workspace,
        header: {
          kind: 'ttl',
          unit: 'keys',
          title: `${describeAction(checked)}: ${whichKeys(parsed, list)}`,
          db: parsed.db,
          hash: null,
          action: checked,
          filter: parsed.keys.filter ?? null,
          exclude: parsed.exclude,
        },
        everything: list === null && choice.everything,
        method: mayRunScripts(session()) ? 'script' : 'two-steps',
        work: (plan) => planKeys(parsed, list, { ...plan, session, budget: budget ?? null }),
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
    const which = fields.kind === 'names' ? `${fields.names.length} named fields` : everything ? 'all fields' : `fields matching ${shown(fields.pattern)}`;
    yield* plans.count(
      {
        workspace,
        header: {
          kind: 'field-ttl',
          unit: 'fields',
          title: `${describeAction(action)}: ${which} of ${shown(name)}`,
          db,
          hash: name,
          action,
          filter: null,
          exclude: [],
        },
        everything,
        method: mayRunScripts(session()) ? 'script' : 'two-steps',
        work: (plan) => planFields({ db, hash: Buffer.from(fromWire(name)), fields }, { ...plan, session }),
      },
      signal,
    );
  }

  return {
    nameList: async ({ listId = null, names }) => lists.add(listId, namesOf(names)),
    planTtl,
    planNames: ({ planId, from, count }) => plans.names(planId, from, count),
    discardPlan: (planId) => plans.discard(planId),
    runTtl: ({ planId, confirm, keysPerSecond = null }) => runs.start(planId, confirm, keysPerSecond),
    watchRun: (runId, signal) => runs.watch(runId, signal),
    failures: async (runId) => runs.failures(runId),
    setRate: async (runId, keysPerSecond) => runs.setRate(runId, keysPerSecond),
    runs: () => runs.list(),
    unfinished: async () => (await runs.list()).filter(({ resumable }) => resumable),
    resumeRun: ({ runId, keysPerSecond = null }) => runs.resume(runId, keysPerSecond),
    undoTtl: ({ runId, force = false, expirePast = false, keysPerSecond = null }) => runs.undo(runId, { force, expirePast, keysPerSecond }),
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
    runFieldTtl: ({ planId, confirm, keysPerSecond = null }) => runs.start(planId, confirm, keysPerSecond),
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
