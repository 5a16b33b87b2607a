import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import type { InvalidateAction, InvalidatePlan } from '../../../../shared/contract/invalidate.ts';
import type { Workspace } from '../../../../shared/contract/workspaces.ts';
import { toWire } from '../../../../shared/bytes.ts';
import { describeAction } from '../../../../shared/redis/ttl-change.ts';
import type { InvalidateService } from '../../services.ts';
import type { RedisSession } from '../session.ts';
import { createApproval } from './approval.ts';
import type { BulkEngine } from './bulk-engine.ts';
import { exportPlan } from './export-plan.ts';
import { InvalidateTally } from './invalidate-tally.ts';
import { expiryActionOf, planInvalidation } from './plan-invalidation.ts';
import type { PlanTerms } from './plan-store.ts';
import { planWarningsOf, readCounters } from './plan-warnings.ts';
import { resolveSelection, shownName } from './selection.ts';
import { untilAnswered } from './server-wait.ts';
import { previewUndo } from './undo-preview.ts';

/** Above this many a click is not enough. */
const countAbove = 100;

function titleOf(action: InvalidateAction): string {
  switch (action.kind) {
    case 'unlink':
      return 'Delete';
    case 'soft':
    case 'persist':
      return describeAction(expiryActionOf(action) ?? { kind: 'persist' });
    case 'graveyard':
      return `Move under ${shownName(action.prefix)}`;
  }
}

function confirmationOf({ environment }: Workspace, selected: number, everything: boolean): PlanTerms['confirmation'] {
  if (everything) return 'flush';
  if (environment === 'production') return 'count-and-name';
  return selected > countAbove ? 'count' : 'click';
}

type PlanInput = Parameters<InvalidateService['plan']>[0];

function actionOf(given: PlanInput['action']): InvalidateAction {
  return given.kind === 'soft' ? { ...given, jitterMs: given.jitterMs ?? 0 } : given;
}

/** Invalidation of many keys: preview, run, undo. */
export function createInvalidateService(engine: BulkEngine): InvalidateService {
  const { connections, workspaces, plans, lists, runs, quota, jobs, store } = engine;
  const approval = createApproval(engine);

  async function* plan(input: PlanInput, signal: AbortSignal): AsyncGenerator<InvalidatePlan, void, void> {
    const { budget = null, quick = false, aliveIdleSeconds = 60, aliveFrequency = 10 } = input;
    const { workspaceId } = input.selection;
    const session = (): RedisSession => connections.redis(workspaceId);
    const workspace = await workspaces.get(workspaceId);
    const needsApproval = await approval.rule(workspaceId);
    const action = actionOf(input.action);
    const selected = await resolveSelection({ ...input.selection, exclude: input.selection.exclude ?? [] }, { session, namesOfList: (listId) => lists.names(listId), signal });
    const seed = randomInt(0x1_0000_0000);
    const lfu = session().facts().maxmemoryPolicy?.includes('lfu') ?? false;
    const tally = new InvalidateTally({ action, quick, within: { idleSeconds: aliveIdleSeconds, frequency: aliveFrequency }, lfu });
    const { filters, exclude, everything, words } = selected;
    const confirmation = (): PlanTerms['confirmation'] => confirmationOf(workspace, tally.selected, everything);
    let warnings: InvalidatePlan['warnings'] = [];
    let walked: number | null = null;
    yield* plans.count(
      {
        workspace,
        seed,
        invalidate: action,
        header: {
          kind: action.kind,
          unit: 'keys',
          title: `${titleOf(action)}: ${words}`,
          db: selected.dbs[0] ?? input.selection.db,
          hash: null,
          action: expiryActionOf(action),
          filter: filters[0] ?? null,
          also: filters.slice(1),
          exclude,
        },
        snapshot: (progress): InvalidatePlan => ({ ...progress, action, ...tally.read(), warnings, everything, confirmation: confirmation(), needsApproval }),
        terms: () => {
          const { selected: count, undoBytes, byNode } = tally.read();
          return { count, undoBytes: undoBytes ?? 0, confirmation: confirmation(), byNode: byNode.map(({ node, keys }) => ({ node, keys })) };
        },
        work: async (work) => {
          const waiting = { signal: work.signal };
          const before = await untilAnswered(() => readCounters(session()), waiting);
          const onChange: typeof work.onChange = (change) => {
            if (change.total !== undefined) walked = change.total;
            work.onChange(change);
          };
          const exact = await planInvalidation({ ...work, onChange, session, budget, selected, action, quick, seed, tally });
          const after = await untilAnswered(() => readCounters(session()), waiting);
          const { bytes } = await quota.read();
          const quotaLeft = action.kind === 'unlink' ? bytes - (await quota.used()) : null;
          warnings = planWarningsOf({ session: session(), selected, tally, before, after, total: walked, exact, quotaLeft });
          return exact;
        },
      },
      signal,
    );
  }

  return {
    plan,
    planRows: async ({ planId, of = 'selected', from, count }) => {
      const { rows, total } = await plans.rows(planId, of, from, count);
      return {
        total,
        rows: rows.map(({ place, name, facts }) => ({
          db: place.db,
          name: toWire(name),
          type: facts?.type ?? null,
          expiresAt: facts?.expiry ?? null,
          bytes: facts?.bytes ?? null,
          excluded: facts?.excluded ?? null,
        })),
      };
    },
    exportPlan: async ({ planId, of = 'selected', format }) => {
      const { workspace, header } = plans.ready(planId);
      const { total } = await plans.rows(planId, of, 0, 0);
      const jobId = jobs.start({ kind: 'export-plan', workspaceId: workspace.id, title: `Export the plan: ${header.title}`, unit: 'keys', total }, (control) =>
        exportPlan({ plans, planId, of, format, folder: join(engine.folder, 'exports'), workspaceName: workspace.name }, control),
      );
      return { jobId };
    },
    discardPlan: (planId) => plans.discard(planId),
    run: async ({ planId, confirm, undo = true, pace = {}, staged = null }, { undoFile } = {}) => {
      const approvedBy = await approval.check(planId, confirm.approval);
      return runs.start(planId, confirm, { pace, undo, staged, ...(undoFile === undefined ? {} : { undoFile }), ...(approvedBy === null ? {} : { approvedBy }) });
    },
    setPace: async ({ runId, pace }) => runs.setPace(runId, pace),
    stage: async ({ runId, decision }) => runs.stage(runId, decision),
    undoPreview: async function* undoPreview({ runId, filter }, signal) {
      const run = await store.load(runId);
      yield* previewUndo({ run, journal: store.files(runId).journal, session: () => connections.redis(run.header.workspaceId), filter }, signal);
    },
    undo: ({ runId, filter, overNewer = false, pace = {} }) => runs.undo(runId, { filter, force: overNewer, expirePast: false, pace }),
    openUndoFile: async ({ path, workspaceId }) => runs.adopt(path, await workspaces.get(workspaceId)),
    planFile: (planId) => approval.planFile(planId),
    approve: (input) => approval.approve(input),
    approvalRule: async (workspaceId) => ({ needsApproval: await approval.rule(workspaceId) }),
    setApprovalRule: ({ workspaceId, needsApproval }) => approval.setRule(workspaceId, needsApproval),
  };
}
