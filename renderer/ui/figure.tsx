import type { Exactness } from '../../shared/contract/keys.ts';
import { exactnessMark, exactnessWords } from '../lib/format.ts';
import classes from './figure.module.css';

interface FigureProps {
  shown: string;
  /** For hover, screen readers and the clipboard. */
  exact: string;
  exactness: Exactness;
  /** More about it, on hover only. */
  note?: string;
}

/** A figure that shows short, tells its whole self on hover, and is copied in full. */
export function Figure({ shown, exact, exactness, note = '' }: FigureProps) {
  const title = [exact, ...(exactness === 'exact' ? [] : [exactnessWords(exactness)]), ...(note === '' ? [] : [note])].join(', ');
  return (
    <span
      className={`la-number ${classes['number']}`}
      data-exactness={exactness}
      title={title}
      onCopy={(event) => {
        if (window.getSelection()?.toString().trim() !== shown.trim()) return;
        event.clipboardData.setData('text/plain', exact);
        event.preventDefault();
      }}
    >
      {exactnessMark(exactness)}
      {shown}
    </span>
  );
}
