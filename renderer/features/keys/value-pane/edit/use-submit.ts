import { useState } from 'react';
import type { EditResult } from '../../../../../shared/contract/edit.ts';
import type { Problem } from '../../../../../shared/contract/errors.ts';
import { toProblem } from '../../../../lib/to-problem.ts';
import { useEdits, type EditRun } from './edits-context.ts';

export type Conflict = Extract<EditResult, { outcome: 'conflict' }>;

function notApplied(reason: string): Problem {
  return { code: 'CONNECTION_LOST', message: reason, hint: 'Nothing was written; try again.', details: {} };
}

/** Runs an edit from a form: busy, then done, or why not. A conflict is kept here, or by who asks for it. */
export function useSubmit(onDone: () => void, onConflict?: (conflict: Conflict) => Promise<void>) {
  const edits = useEdits();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const clear = () => {
    setProblem(null);
    setConflict(null);
  };
  const submit = async (edit: EditRun): Promise<void> => {
    setBusy(true);
    clear();
    try {
      const result = await edits.run(edit);
      if (result.outcome === 'conflict') await (onConflict ?? setConflict)(result);
      else if (result.outcome === 'notApplied') setProblem(notApplied(result.reason));
      else onDone();
    } catch (error) {
      setProblem(toProblem(error));
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, conflict, submit, clear, fail: setProblem };
}
