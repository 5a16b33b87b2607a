import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { BulkService } from '../../services.ts';

function later(): LookasideError {
  return new LookasideError('UNSUPPORTED', 'This version cannot change keys in bulk yet');
}

export function createBulkService(): BulkService {
  const refuse = (): Promise<never> => Promise.reject(later());
  const refuseStream = (): never => {
    throw later();
  };
  return {
    nameList: refuse,
    planTtl: refuseStream,
    planNames: refuse,
    discardPlan: refuse,
    runTtl: refuse,
    watchRun: refuseStream,
    failures: refuse,
    setRate: refuse,
    runs: async () => [],
    unfinished: async () => [],
    resumeRun: refuse,
    undoTtl: refuse,
    forgetRun: refuse,
    journalQuota: refuse,
    setJournalQuota: refuse,
    fieldTtls: refuseStream,
    planFieldTtl: refuseStream,
    runFieldTtl: refuse,
    closing: () => undefined,
    closeAll: async () => undefined,
  };
}
