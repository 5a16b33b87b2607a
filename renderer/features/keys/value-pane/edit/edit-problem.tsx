import { Button } from '@mantine/core';
import type { Problem } from '../../../../../shared/contract/errors.ts';
import { ProblemView } from '../../../../ui/problem-view.tsx';
import { useEdits } from './edits-context.ts';

/** Why an edit did not take place, where it was asked for; a read-only connection can be unlocked from there. */
export function EditProblem({ problem }: { problem: Problem | null }) {
  const edits = useEdits();
  if (problem === null) return null;
  const unlock = (
    <Button variant="default" onClick={edits.unlock}>
      Unlock writing
    </Button>
  );
  return <ProblemView problem={problem} {...(problem.code === 'READ_ONLY' ? { actions: unlock } : {})} />;
}
