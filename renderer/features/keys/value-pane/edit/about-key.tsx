import type { WireBytes } from '../../../../../shared/bytes.ts';
import { WireText } from '../../../../ui/wire-text-view.tsx';
import classes from './edit.module.css';

/** The key that a dialog is about, as it is. */
export function AboutKey({ name }: { name: WireBytes }) {
  return (
    <div className={classes['keyName']} role="group" aria-label="Key">
      <WireText value={name} limit={300} empty="(empty name)" />
    </div>
  );
}
