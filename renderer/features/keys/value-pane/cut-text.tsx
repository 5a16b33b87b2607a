import type { Cut } from '../../../../shared/contract/values.ts';
import { formatBytes } from '../../../lib/format.ts';
import { WireText } from '../../../ui/wire-text-view.tsx';
import { chainWords } from './decoded/chain-words.ts';
import decodedClasses from './decoded/decoded.module.css';
import { usePreview } from './decoded/use-preview.ts';
import classes from './value.module.css';

/** Characters of an element drawn in a cell. */
const shown = 240;

/** The beginning of an element on one line, decoded where it is no text; large ones say how large. */
export function CutText({ cut }: { cut: Cut }) {
  const preview = usePreview(cut);
  if (preview !== null) {
    return (
      <>
        <span className={decodedClasses['preview']}>{chainWords(preview.layers)}</span>
        <WireText value={preview.text} limit={shown} multiline />
      </>
    );
  }
  return (
    <>
      <WireText value={cut.data} limit={shown} empty="(empty)" />
      {cut.truncated && <span className={classes['size']}>{formatBytes(cut.bytes)}</span>}
    </>
  );
}
