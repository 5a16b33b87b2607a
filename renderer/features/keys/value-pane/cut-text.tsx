import type { Cut } from '../../../../shared/contract/values.ts';
import { formatBytes } from '../../../lib/format.ts';
import { WireText } from '../../../ui/wire-text-view.tsx';
import classes from './value.module.css';

/** Characters of an element drawn in a cell. */
const shown = 240;

/** The beginning of an element on one line; large ones say how large. */
export function CutText({ cut }: { cut: Cut }) {
  return (
    <>
      <WireText value={cut.data} limit={shown} empty="(empty)" />
      {cut.truncated && <span className={classes['size']}>{formatBytes(cut.bytes)}</span>}
    </>
  );
}
