import type { PlanSnapshot } from '../../../../shared/contract/bulk.ts';
import type { TtlAction } from '../../../../shared/contract/ttl-action.ts';
import { unitWords } from '../../../lib/bulk-words.ts';
import { formatDateTime, formatDuration } from '../../../lib/format.ts';

/** What is done, as a sentence. */
export function actionWords(action: TtlAction): string {
  if (action.kind === 'persist') return 'Lose their expiry and stay until someone deletes them.';
  const spread = action.jitterMs > 0 ? `, each at its own moment within ${formatDuration(action.jitterMs)} after that` : '';
  return action.kind === 'expire' ? `Expire ${formatDuration(action.ttlMs)} from the moment of the change${spread}.` : `Expire at ${formatDateTime(action.at)}${spread}.`;
}

/** The verb and its object for the confirm button. */
export function confirmWords(plan: Pick<PlanSnapshot, 'wouldChange' | 'unit'>, kind: TtlAction['kind'], workspaceName: string): string {
  const what = unitWords(plan.wouldChange, plan.unit);
  return kind === 'persist' ? `Persist ${what} on ${workspaceName}` : `Set the expiry of ${what} on ${workspaceName}`;
}
