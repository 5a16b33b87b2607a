import type { ReactNode } from 'react';
import classes from './toolbar.module.css';

/** The strip over a panel: its name, its filter, its actions. `Spring` pushes what follows to the right. */
export function Toolbar({ label, title, children }: { label: string; title?: string; children?: ReactNode }) {
  return (
    <div role="group" aria-label={label} className={classes['toolbar']}>
      {title !== undefined && <h1 className={classes['title']}>{title}</h1>}
      {children}
    </div>
  );
}

export function Spring() {
  return <div className={classes['spring']} />;
}
