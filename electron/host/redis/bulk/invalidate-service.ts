import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { InvalidateService } from '../../services.ts';

function unsupported(): never {
  throw new LookasideError('UNSUPPORTED', 'Invalidation is not there yet');
}

/** Invalidation of many keys. */
export function createInvalidateService(): InvalidateService {
  return {
    plan: unsupported,
    planRows: unsupported,
    exportPlan: unsupported,
    discardPlan: unsupported,
    run: unsupported,
    setPace: unsupported,
    stage: unsupported,
    undoPreview: unsupported,
    undo: unsupported,
    openUndoFile: unsupported,
    planFile: unsupported,
    approve: unsupported,
    approvalRule: unsupported,
    setApprovalRule: unsupported,
  };
}
