import { join } from 'node:path';
import type { BulkSelection, RunSnapshot } from '../../shared/contract/bulk.ts';
import { LookasideError } from '../../shared/contract/errors.ts';
import { flushWord, type InvalidateAction, type InvalidatePlan } from '../../shared/contract/invalidate.ts';
import { byReason, codeOfRun, followRun, sum } from './follow-run.ts';
import { readInvalidateArguments, type RunArguments } from './invalidate-arguments.ts';
import { nameBase64, nameText, shownName } from './names.ts';
import { onRedis, type RedisSide } from './on-redis.ts';
import { selectionOf } from './selection-arguments.ts';
import { exitCodes, type Terminal } from './terminal.ts';
import { aligned, counted, lasting, ofKeys, percent } from './words.ts';

/** How long an unlock for one command lasts, minutes: most of what it takes; the process ends it. */
const unlockMinutes = 240;

export function refuse(message: string, hint: string, details: Record<string, string | number> = {}): LookasideError {
  return new LookasideError('CONFLICT', message, { hint, details });
}

/** Unlocks a read-only workspace for this process, or refuses before anything is read. */
export async function mayWrite({ host, workspace }: RedisSide, reason: string | undefined): Promise<void> {
  const { connections } = host.services;
  if (!workspace.readOnly) return;
  if (reason === undefined) {
    throw new LookasideError('READ_ONLY', 'This workspace is read-only', { hint: 'Give --unlock with the reason; it goes to the audit journal. A server that is not on this machine is read-only at first.' });
  }
  await connections.unlock(workspace.id, unlockMinutes, reason);
}

async function planOf(side: RedisSide, selection: BulkSelection, action: InvalidateAction, quick: boolean): Promise<InvalidatePlan> {
  const { host, signal, terminal } = side;
  let plan: InvalidatePlan | null = null;
  for await (const snapshot of host.services.invalidate.plan({ selection, action, quick }, signal)) {
    plan = snapshot;
    const of = snapshot.total === null ? '' : ` of ${counted(snapshot.total)}`;
    terminal.progress?.(`${counted(snapshot.walked)}${of} keys looked at, ${counted(snapshot.selected)} matched, ${counted(Math.round(snapshot.rate))} a second`);
  }
  terminal.progress?.(null);
  if (plan === null || plan.state !== 'ready') throw new LookasideError('CANCELLED', 'Stopped before all keys were looked at; nothing was changed');
  return plan;
}

function documentOfPlan(plan: InvalidatePlan): object {
  const filled = plan.byType.filter(({ keys }) => keys > 0);
  return {
    dryRun: true,
    matched: plan.selected,
    bytes: plan.bytes,
    byType: Object.fromEntries(filled.map(({ type, keys }) => [type, keys])),
    bytesByType: Object.fromEntries(filled.map(({ type, bytes }) => [type, bytes])),
    sample: plan.sample.map(({ name }) => nameText(name)),
    sampleBase64: plan.sample.map(({ name }) => nameBase64(name)),
    exact: plan.exactness === 'exact',
    bytesExact: plan.bytesExactness === 'exact',
    action: plan.action.kind,
    everything: plan.everything,
    confirmation: plan.confirmation,
    excluded: Object.fromEntries(plan.excluded.map(({ reason, count }) => [reason, count])),
    byTtl: plan.byTtl,
    byNode: plan.byNode.map(({ node, keys, bytes }) => ({ node, keys, bytes })),
    byDb: plan.byDb,
    alive: plan.alive === null ? null : { by: plan.alive.by, below: plan.alive.below, count: plan.alive.count },
    undoBytes: plan.undoBytes,
    warnings: plan.warnings,
    durationMs: plan.durationMs,
  };
}

const verbs: Record<InvalidateAction['kind'], string> = { unlink: 'would be deleted', soft: 'would expire sooner', persist: 'would lose the expiry', graveyard: 'would be moved' };

function showPlan(plan: InvalidatePlan, terminal: Terminal): void {
  const bytes = plan.bytes === null ? '' : `, ${plan.bytesExactness === 'exact' ? '' : 'about '}${counted(plan.bytes)} bytes`;
  terminal.print(`${ofKeys(plan.selected)} ${verbs[plan.action.kind]}${bytes} (${plan.exactness === 'exact' ? 'exact' : 'estimated'}, counted in ${lasting(plan.durationMs)})`);
  for (const line of aligned(plan.byType.filter(({ keys }) => keys > 0).map(({ type, keys }) => [counted(keys), percent(plan.selected === 0 ? 0 : keys / plan.selected), type]))) terminal.print(line);
  for (const { reason, count } of plan.excluded) if (count > 0) terminal.print(`  left out: ${counted(count)} (${reason})`);
  for (const { fact } of plan.warnings) terminal.print(`  note: ${fact}`);
  if (plan.sample.length > 0) terminal.print('\nSome of them');
  for (const { name } of plan.sample.slice(0, 10)) terminal.print(`  ${shownName(name)}`);
}

/** What must be true of the number of keys. */
function checkCounts(plan: InvalidatePlan, run: RunArguments): void {
  const found = { expected: run.expect ?? '', found: plan.selected };
  if (run.expect !== undefined && plan.selected !== run.expect) {
    throw refuse(`${counted(run.expect)} keys were expected and ${counted(plan.selected)} are matched; nothing was changed`, 'Look at a dry run again.', found);
  }
  if (run.atMost !== undefined && plan.selected > run.atMost) {
    throw refuse(`${counted(plan.selected)} keys are matched, more than --at-most ${counted(run.atMost)}; nothing was changed`, 'Narrow the selection, or raise the limit.', { ...found, limit: run.atMost });
  }
}

/** What must be true of a plan before it is carried out. */
function checkPlan(plan: InvalidatePlan, { environment, name }: RedisSide['workspace'], run: RunArguments): void {
  checkCounts(plan, run);
  const found = { found: plan.selected };
  if (plan.everything && !run.flush) throw refuse('This takes every key: it is a flush; nothing was changed', 'Add --flush if that is meant.', found);
  if (environment !== 'production') return;
  if (run.expect === undefined) throw refuse('A production workspace needs --expect with the number of keys; nothing was changed', 'A dry run says the number.', found);
  if (run.confirm !== name) throw refuse(`A production workspace needs --confirm with its name; nothing was changed`, `It is called ${name}.`, found);
}

/** Where the undo of a run reads, for a person and for `lookaside undo`. */
export function journalPath(side: RedisSide, runId: string): string {
  return join(side.host.services.info.dataFolder, 'bulk', 'runs', runId, 'journal');
}

/** What a run came to, on standard output. Resolves to the exit code. */
export function tellRun(run: RunSnapshot, about: { matched: number; action: string; undoFile: string | null; json: boolean }, terminal: Terminal): number {
  const { matched, action, undoFile, json } = about;
  const skipped = sum(run.left);
  const failed = sum(run.failed);
  const durationMs = (run.endedAt ?? Date.now()) - run.startedAt;
  if (json) {
    const deleted = action === 'unlink' ? run.changed : 0;
    const error = run.problem === null ? {} : { error: run.problem };
    terminal.print(JSON.stringify({ matched, deleted, changed: run.changed, skipped, failed, durationMs, undoFile, runId: run.runId, state: run.state, action, ...byReason(run), ...error }));
  } else {
    terminal.print(`${counted(run.changed)} of ${ofKeys(matched)} ${action === 'unlink' ? 'deleted' : 'changed'}, ${counted(skipped)} left as they were, ${counted(failed)} failed, in ${lasting(durationMs)}`);
    for (const { reason, count } of run.left) terminal.print(`  left: ${counted(count)} (${reason})`);
    for (const { code, message, count } of run.failed) terminal.print(`  failed: ${counted(count)} [${code}] ${message}`);
  }
  if (run.problem !== null) terminal.say(`lookaside: ${run.problem.message} [${run.problem.code}]`);
  if (run.state !== 'done') terminal.say(`lookaside: ${run.state} after ${counted(run.done)} of ${counted(run.total)}. Go on: lookaside resume ${run.runId}`);
  if (undoFile !== null && run.changed > 0) terminal.say(`lookaside: take it back: lookaside undo ${undoFile}`);
  return codeOfRun(run);
}

/** Plans and, where that is asked for and nothing stands against it, carries out. Resolves to the exit code. */
export async function planAndRun(side: RedisSide, selection: BulkSelection, action: InvalidateAction, given: RunArguments & { json: boolean }): Promise<number> {
  const { host, workspace, terminal } = side;
  if (given.yes) await mayWrite(side, given.unlock);
  const plan = await planOf(side, selection, action, false);
  if (!given.yes) {
    checkCounts(plan, given);
    if (given.json) terminal.print(JSON.stringify(documentOfPlan(plan)));
    else showPlan(plan, terminal);
    if (!given.dryRun) terminal.say(`lookaside: nothing was changed; to carry it out add --yes --expect ${plan.selected}`);
    return exitCodes.done;
  }
  checkPlan(plan, workspace, given);
  const confirm = { count: plan.selected, name: workspace.name, ...(given.flush ? { word: flushWord } : {}) };
  const started = await host.services.invalidate.run(
    { planId: plan.planId, confirm, undo: given.undo, pace: given.pace, staged: given.staged },
    given.undoFile === undefined ? {} : { undoFile: given.undoFile },
  );
  const undoFile = given.undo ? (given.undoFile ?? journalPath(side, started.runId)) : null;
  terminal.say(`lookaside: run ${started.runId} begins${undoFile === null ? ', without undo' : `; its undo is in ${undoFile}`}`);
  const run = await followRun(side, started);
  return tellRun(run, { matched: plan.selected, action: action.kind, undoFile, json: given.json }, terminal);
}

/** `lookaside invalidate`. Resolves to the exit code. */
export function invalidate(args: readonly string[], terminal: Terminal): Promise<number> {
  const given = readInvalidateArguments(args, process.env);
  const words = given.run.yes ? 'stopping at the end of this batch; again to end at once ...' : 'stopping ...';
  return onRedis(
    given,
    terminal,
    async (side) => {
      const selection = await selectionOf(given.selection, { bulk: side.host.services.bulk, workspaceId: side.workspace.id, db: side.db });
      return planAndRun(side, selection, given.action, { ...given.run, json: given.json });
    },
    words,
  );
}
