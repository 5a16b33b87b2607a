import type { ReactNode } from 'react';
import classes from './connection-editor.module.css';

/** A titled part of a side: TLS, SSH. */
export function FormPart({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className={classes['part']}>
      <legend className={classes['partTitle']}>{title}</legend>
      <div className={classes['partBody']}>{children}</div>
    </fieldset>
  );
}
