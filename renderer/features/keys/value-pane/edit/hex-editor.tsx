import { useId, useState, type ClipboardEvent, type KeyboardEvent, type MouseEvent } from 'react';
import { bytesOfHex, hexRow, insertBytes, pressHexKey, type HexState } from '../../../../../shared/edit/hex-model.ts';
import { formatExact, plural } from '../../../../lib/format.ts';
import { useVirtualScroll } from '../../../../ui/use-virtual-scroll.ts';
import { offsetOfRow, rowsInView } from '../../../../ui/virtual-scroll.ts';
import classes from './edit.module.css';

interface HexEditorProps {
  base: Uint8Array;
  bytes: Uint8Array;
  onBytes: (bytes: Uint8Array) => void;
  /** A window of a larger value: bytes change, their number does not. */
  fixedLength: boolean;
  label: string;
}

const rowHeight = 20;
const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
const ascii = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.');

/** Bytes in a grid: digits overwrite, Insert makes them insert, arrows move. */
export function HexEditor({ base, bytes, onBytes, fixedLength, label }: HexEditorProps) {
  const placeId = useId();
  const [place, setPlace] = useState<Omit<HexState, 'bytes'>>({ caret: 0, nibble: 0, insert: false });
  const state: HexState = { ...place, caret: Math.min(place.caret, bytes.length), bytes };
  // One place more than there are bytes: there the value grows.
  const count = Math.floor(bytes.length / hexRow) + 1;
  const scroll = useVirtualScroll(count, rowHeight);
  const { from, to } = rowsInView(scroll.offset, scroll.geometry, 8);

  const apply = (next: HexState) => {
    setPlace({ caret: next.caret, nibble: next.nibble, insert: next.insert });
    if (next.bytes !== bytes) onBytes(next.bytes);
    scroll.scrollTo((at, now) => offsetOfRow(Math.floor(next.caret / hexRow), at, now, 'nearest'));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key === 'Home') apply({ ...state, caret: 0, nibble: 0 });
      else if (event.key === 'End') apply({ ...state, caret: bytes.length, nibble: 0 });
      else return;
      event.preventDefault();
      return;
    }
    const next = pressHexKey(state, event.key, { fixedLength }, Math.max(1, Math.floor(scroll.geometry.viewport / rowHeight) - 1));
    if (next === null) return;
    event.preventDefault();
    apply(next);
  };
  const onPaste = (event: ClipboardEvent) => {
    const added = bytesOfHex(event.clipboardData.getData('text/plain'));
    event.preventDefault();
    if (added === null) return;
    if (state.insert && !fixedLength) return apply({ ...state, bytes: insertBytes(bytes, state.caret, added), caret: state.caret + added.length, nibble: 0 });
    const end = fixedLength ? bytes.length : Math.max(bytes.length, state.caret + added.length);
    const next = new Uint8Array(end);
    next.set(bytes);
    next.set(added.subarray(0, end - state.caret), state.caret);
    apply({ ...state, bytes: next, caret: Math.min(end, state.caret + added.length), nibble: 0 });
  };
  const placeAt = (event: MouseEvent) => {
    const at = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('[data-at]')?.dataset['at'] : undefined;
    if (at !== undefined) setPlace({ ...place, caret: Number(at), nibble: 0 });
  };

  const rows = [];
  for (let row = from; row < to; row += 1) rows.push(<Row key={row} row={row} state={state} base={base} />);
  const present = bytes[state.caret];
  return (
    <div className={classes['hex']}>
      <div
        ref={scroll.element}
        role="textbox"
        aria-multiline="true"
        aria-label={`${label} in hexadecimal`}
        aria-describedby={placeId}
        tabIndex={0}
        className={`${classes['hexScroller']} la-mono`}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
        onMouseDown={placeAt}
      >
        <div style={{ height: count * rowHeight, position: 'relative' }}>
          <div style={{ transform: `translateY(${from * rowHeight}px)` }}>{rows}</div>
        </div>
      </div>
      <div className={classes['saveBar']} id={placeId} role="status">
        <span className={`${classes['facts']} la-number`}>
          Byte {formatExact(state.caret)} of {formatExact(bytes.length)}
          {present === undefined ? ' (end)' : `: 0x${hex(present, 2)}, ${present}`}
        </span>
        <span className={classes['facts']}>{fixedLength ? 'Overwrites: the window keeps its size' : state.insert ? 'Inserts (Insert key)' : 'Overwrites (Insert key)'}</span>
        <span className={classes['facts']}>Paste takes hexadecimal</span>
        <span className={`${classes['facts']} la-number`}>{bytes.length === base.length ? '' : `${bytes.length > base.length ? '+' : '-'}${plural(Math.abs(bytes.length - base.length), 'byte')}`}</span>
      </div>
    </div>
  );
}

function Row({ row, state, base }: { row: number; state: HexState; base: Uint8Array }) {
  const start = row * hexRow;
  const { bytes, caret, nibble } = state;
  const places = Array.from({ length: hexRow }, (_, index) => start + index).filter((at) => at <= bytes.length);
  return (
    <div className={classes['hexLine']}>
      <span className={classes['hexOffset']}>{hex(start, 8)}</span>
      <span>
        {places.map((at) => (
          <span
            key={at}
            data-at={at}
            className={classes['hexByte']}
            data-middle={at % hexRow === 8 || undefined}
            data-changed={(at < bytes.length && bytes[at] !== base[at]) || undefined}
            data-caret={(at === caret && nibble === 0) || undefined}
            data-second={(at === caret && nibble === 1) || undefined}
          >
            {at < bytes.length ? hex(bytes[at] ?? 0, 2) : '  '}
          </span>
        ))}
      </span>
      <span>
        {places.map((at) => (
          <span key={at} data-at={at} className={classes['hexChar']} data-caret={at === caret || undefined} data-changed={(at < bytes.length && bytes[at] !== base[at]) || undefined}>
            {at < bytes.length ? ascii(bytes[at] ?? 0) : ' '}
          </span>
        ))}
      </span>
    </div>
  );
}
