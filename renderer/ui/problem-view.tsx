import { Button } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconCopy, IconRefresh } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import type { Problem } from '../../shared/contract/errors.ts';
import { copyText } from '../lib/copy.ts';
import { errorWords } from '../lib/error-words.ts';
import { hintOf, problemText } from '../lib/to-problem.ts';
import classes from './problem-view.module.css';

interface ProblemViewProps {
  problem: Problem;
  /** Shown as a button when given. */
  onRetry?: (() => void) | undefined;
  retryLabel?: string;
  /** Further ways out, for example "Pin this certificate". */
  actions?: ReactNode;
  tone?: 'error' | 'warning';
  /** Centred, as the only content of a panel. */
  fills?: boolean;
}

/** An error where it was caused: what, why, what to do, retry, copy details. */
export function ProblemView({ problem, onRetry, retryLabel = 'Retry', actions, tone = 'error', fills = false }: ProblemViewProps) {
  const [copied, setCopied] = useState(false);
  const { title } = errorWords[problem.code];
  return (
    <div className={fills ? `${classes['view']} ${classes['centred']}` : classes['view']} data-tone={tone} role="alert" data-code={problem.code}>
      <IconAlertTriangle size={16} className={classes['icon'] ?? ''} aria-hidden />
      <div className={classes['body']}>
        <div className={classes['title']}>{title}</div>
        {problem.message !== '' && problem.message !== title && <p className={classes['message']}>{problem.message}</p>}
        <p className={classes['hint']}>{hintOf(problem)}</p>
        <div className={classes['actions']}>
          {actions}
          {onRetry && (
            <Button variant="default" leftSection={<IconRefresh size={14} />} onClick={onRetry}>
              {retryLabel}
            </Button>
          )}
          <Button
            variant="subtle"
            color="gray"
            leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            onClick={() => void copyText(problemText(problem)).then(setCopied)}
          >
            {copied ? 'Copied' : 'Copy details'}
          </Button>
        </div>
      </div>
    </div>
  );
}
