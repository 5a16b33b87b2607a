import { flushWord } from '../../../../shared/contract/invalidate.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { fromWire } from '../../../../shared/bytes.ts';
import type { BulkAuditEntry } from '../../connections/audit-journal.ts';
import type { RedisSession } from '../session.ts';
import { requireFieldTtls } from './field-target.ts';
import type { RunHeader } from './journal/records.ts';
import { requireExpiryTimes } from './key-target.ts';
import type { ReadyPlan } from './plan-store.ts';
import type { RunProgress } from './run-progress.ts';

export interface Confirmation {
  count: number;
  name?: string | undefined;
  word?: string | undefined;
}

/** Throws CONFLICT. */
export function checkConfirmed({ terms, workspace }: ReadyPlan, confirm: Confirmation): void {
  if (confirm.count !== terms.count) {
    throw new LookasideError('CONFLICT', `The plan would change ${terms.count}, not ${confirm.count}`, { hint: 'Look at the preview again.', details: { expected: confirm.count, found: terms.count } });
  }
  if (terms.confirmation === 'flush' && confirm.word !== flushWord) {
    throw new LookasideError('CONFLICT', 'This plan takes everything: it is a flush, and was not confirmed as one', { hint: `Type ${flushWord} to confirm.` });
  }
  const named = terms.confirmation === 'count-and-name' || (terms.confirmation === 'flush' && workspace.environment === 'production');
  if (named && confirm.name !== workspace.name) {
    throw new LookasideError('CONFLICT', 'The name of the workspace was not given as it is', { hint: 'This is a production workspace: type its name to confirm.' });
  }
}

/** Throws READ_ONLY, REDIS_READ_ONLY_REPLICA or UNSUPPORTED where nothing can be changed, before anything is. */
export async function checkWritable(session: RedisSession, { kind, db, hash }: Pick<RunHeader, 'kind' | 'db' | 'hash'>): Promise<void> {
  const [main] = await session.masters();
  if (session.facts().nodes.find(({ id }) => id === main?.id)?.role === 'replica') {
    throw new LookasideError('REDIS_READ_ONLY_REPLICA', `${main?.id} is a replica and takes no writes`, { hint: 'Connect to its master.' });
  }
  // says READ_ONLY before anything happens; a user without scripts is refused by the server, which is no answer to the question
  await session.batch(db, [['EVAL', 'return 1', 0]]);
  if (kind === 'field-ttl') await requireFieldTtls(session, db, Buffer.from(fromWire(hash ?? '')));
  else if (kind !== 'unlink') await requireExpiryTimes(session, db);
}

/** Nothing that the run changed still has the expiry that it set. */
export function isComplete(left: readonly { reason: string }[]): boolean {
  return !left.some(({ reason }) => ['past', 'changed-since', 'newer', 'filtered'].includes(reason));
}

/** Selection and action of a run, as far as its header knows them. */
function planOf({ kind, action, invalidate, filter, also, exclude, hash }: RunHeader): Record<string, unknown> {
  const filters = [...(filter === null ? [] : [filter]), ...(also ?? [])];
  return { kind, action: invalidate?.action ?? action, filters, exclude, ...(hash === null ? {} : { hash }), ...(invalidate === undefined ? {} : { undo: invalidate.undo, approvedBy: invalidate.approvedBy ?? null }) };
}

/** What the audit journal is told. */
export function auditOf(event: BulkAuditEntry['event'], header: RunHeader, progress: RunProgress | null, result: string): BulkAuditEntry {
  const sum = (counts: readonly { count: number }[]): number => counts.reduce((all, { count }) => all + count, 0);
  const counts = progress?.tally.read();
  const durationMs = event.endsWith('start') || progress === null ? null : Date.now() - progress.read().startedAt;
  const changed = counts?.changed ?? 0;
  return {
    event,
    workspaceId: header.workspaceId,
    workspaceName: header.workspaceName,
    runId: header.runId,
    db: header.db,
    nodes: header.servers.map(({ node }) => node),
    title: progress?.identity.title ?? header.title,
    ...(event === 'bulk-start' ? { plan: planOf(header) } : {}),
    ...(event.startsWith('bulk-undo') ? { undoOf: header.runId } : {}),
    total: progress?.total ?? header.total,
    changed,
    left: sum(counts?.left ?? []),
    failed: sum(counts?.failed ?? []),
    durationMs,
    rate: durationMs === null || durationMs === 0 ? null : Math.round((changed * 10_000) / durationMs) / 10,
    result,
  };
}
