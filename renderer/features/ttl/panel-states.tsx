import type { ReactNode } from 'react';
import { LoadingRows } from '../../ui/loading-rows.tsx';
import { ProblemView } from '../../ui/problem-view.tsx';
import type { Answer } from './use-answer.ts';
import classes from './ttl.module.css';

/** What a panel shows before it has an answer, and where it failed; children draw the answer. */
export function PanelStates<T>({ answer, label, children }: { answer: Answer<T>; label: string; children: (value: T) => ReactNode }) {
  const { value, problem, retry } = answer;
  if (value === null) {
    return problem === null ? (
      <div className={classes['panel']}>
        <LoadingRows rows={8} label={label} />
      </div>
    ) : (
      <ProblemView problem={problem} onRetry={retry} fills />
    );
  }
  return (
    <>
      {problem !== null && <ProblemView problem={problem} onRetry={retry} tone="warning" />}
      {children(value)}
    </>
  );
}

/** A share as a small bar; the figure stands beside it. */
export function ShareBar({ share }: { share: number }) {
  return (
    <span className={classes['share']} aria-hidden>
      <span style={{ width: `${Math.min(1, Math.max(0, share)) * 100}%` }} />
    </span>
  );
}
