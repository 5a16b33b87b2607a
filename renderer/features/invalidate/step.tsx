import type { ReactNode } from 'react';
import classes from './invalidate.module.css';

interface StepProps {
  number: number;
  title: string;
  /** At the end of the heading. */
  aside?: ReactNode;
  children: ReactNode;
}

/** One of the three steps: a heading that stays, a body that scrolls by itself. */
export function Step({ number, title, aside, children }: StepProps) {
  return (
    <section className={classes['step']} aria-label={title}>
      <header className={classes['stepHead']}>
        <span className={classes['stepNumber']} aria-hidden>
          {number}
        </span>
        <h2 className={classes['stepTitle']}>{title}</h2>
        <span className={classes['spring']} />
        {aside}
      </header>
      {children}
    </section>
  );
}

interface NoticeProps {
  tone: 'amber' | 'red' | 'plain';
  icon?: ReactNode;
  title?: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
}

/** Something to know, with a word beside its colour. */
export function Notice({ tone, icon, title, children, actions }: NoticeProps) {
  return (
    <div className={classes['notice']} data-tone={tone} role="note">
      {icon}
      <div className={classes['spring']}>
        {title !== undefined && <strong className={classes['noticeTitle']}>{title}</strong>}
        {children}
      </div>
      {actions}
    </div>
  );
}
