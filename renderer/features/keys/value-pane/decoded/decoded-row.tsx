import { formatBytes, formatExact, plural } from '../../../../lib/format.ts';
import { WireText } from '../../../../ui/wire-text-view.tsx';
import type { TreeRow } from '../../../../../shared/contract/decode.ts';
import valueClasses from '../value.module.css';
import type { Slot } from './decoded-rows.ts';
import classes from './decoded.module.css';

/** One line: its name, its value, and in a quiet colour what the format calls it. */
export function DecodedRow({ slot, onFollow }: { slot: Slot; onFollow: () => void }) {
  const { row, parent, index } = slot;
  if (row === null) return <span className={classes['waiting']}>{formatExact(index)} …</span>;
  const notes = [row.note, row.cut ? (row.kind === 'bytes' ? formatBytes(row.length) : plural(row.length, 'character')) : ''].filter((note) => note !== '');
  return (
    <>
      {row.key && <RowKey rowKey={row.key} />}
      {parent !== null && row.key && <span className={valueClasses['jsonColon']}>:</span>}
      <RowValue row={row} onFollow={onFollow} />
      {notes.length > 0 && <span className={`${classes['note']} la-cut`}>{notes.join(' · ')}</span>}
    </>
  );
}

function RowKey({ rowKey: { text, kind, note } }: { rowKey: NonNullable<TreeRow['key']> }) {
  const name = kind === 'index' || kind === 'label' ? valueClasses['jsonIndex'] : valueClasses['jsonName'];
  return (
    <span className={name} title={note === '' ? undefined : note}>
      {kind === 'bytes' ? `0x${text}` : <WireText value={text} limit={200} empty='""' />}
      {note !== '' && <span className={classes['keyNote']}> {note}</span>}
    </span>
  );
}

function RowValue({ row, onFollow }: { row: TreeRow; onFollow: () => void }) {
  const count = formatExact(row.length);
  switch (row.kind) {
    case 'map':
      return <span className={valueClasses['jsonHolds']}>{`{ ${count} }`}</span>;
    case 'list':
      return <span className={valueClasses['jsonHolds']}>{`[ ${count} ]`}</span>;
    case 'call':
    case 'tagged':
      return (
        <span className={`${classes['kindName']} la-cut`}>
          <WireText value={row.text} limit={200} />
          {row.kind === 'call' && <span className={valueClasses['jsonHolds']}>{` ( ${count} )`}</span>}
        </span>
      );
    case 'entry':
      return (
        <span className={`${valueClasses['jsonHolds']} la-cut`}>
          <WireText value={row.text} limit={200} /> → …
        </span>
      );
    case 'ref':
      return row.target === null ? (
        <span className={classes['kindName']}>→ {row.text}</span>
      ) : (
        <button type="button" tabIndex={-1} className={valueClasses['link']} onClick={onFollow}>
          → {row.text}
        </button>
      );
    case 'bytes':
      return <span className={`${classes['bytes']} la-cut`}>{row.length === 0 ? '(no bytes)' : `0x${row.text}`}</span>;
    case 'text':
      return (
        <span className="la-cut" data-json="string">
          {'"'}
          <WireText value={row.text} multiline limit={400} />
          {row.cut ? '…' : '"'}
        </span>
      );
    case 'null':
    case 'bool':
    case 'int':
    case 'float':
      return (
        <span className="la-cut" data-json="number">
          {row.text}
          {row.cut && '…'}
        </span>
      );
  }
}
