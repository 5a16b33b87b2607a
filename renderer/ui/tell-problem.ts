import { notifications } from '@mantine/notifications';
import { errorWords } from '../lib/error-words.ts';
import { hintOf, toProblem } from '../lib/to-problem.ts';

/** For failures of small actions that have no place of their own to show them: one notification a code. */
export function tellProblem(error: unknown): void {
  const problem = toProblem(error);
  // The banner tells of a lost link.
  if (problem.code === 'CANCELLED' || problem.code === 'HOST_UNREACHABLE') return;
  notifications.show({ id: `problem.${problem.code}`, color: 'red', title: errorWords[problem.code].title, message: `${problem.message}. ${hintOf(problem)}` });
}
