import { shortcutKeys } from '../lib/shortcut-keys.ts';
import classes from './kbd.module.css';

/** A shortcut as keys. */
export function Keys({ shortcut }: { shortcut: string }) {
  return (
    <span className={classes['keys']}>
      {shortcutKeys(shortcut).map((key) => (
        <kbd key={key} className={classes['key']}>
          {key}
        </kbd>
      ))}
    </span>
  );
}
