import { CloseButton, SegmentedControl, TextInput } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { IconArrowRight } from '@tabler/icons-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Problem } from '../../../../../shared/contract/errors.ts';
import { formatBytes, formatBytesExact, formatExact } from '../../../../lib/format.ts';
import { useShortcuts } from '../../../../lib/keyboard.ts';
import { useSetting } from '../../../../lib/settings.ts';
import { ProblemView } from '../../../../ui/problem-view.tsx';
import { VirtualRows, type RowMove, type VirtualRowsHandle } from '../../../../ui/virtual-rows.tsx';
import { useKeysPlace } from '../../keys-context.ts';
import type { ValueProps } from '../value-body.tsx';
import { HexRow, hexBytesPerRow, offsetLabel, TextRow, type ByteRange } from './byte-row.tsx';
import { RangeBar } from './range-bar.tsx';
import { SearchBar } from './search-bar.tsx';
import { parseOffset } from './text-rows.ts';
import { useByteWindows } from './use-byte-windows.ts';
import { useStringSearch } from './use-string-search.ts';
import classes from './big-string.module.css';

type Form = 'text' | 'hex';

const rowHeight = 20;
/** Width of a monospace character of 12 px, and of the offsets with their padding, px. */
const characterPx = 7.21;
const offsetPx = 124;

function textBytesPerRow(width: number): number {
  const fitting = Math.floor((width - offsetPx) / characterPx);
  return Math.max(16, Math.min(256, Math.floor(fitting / 16) * 16));
}

/** A string of any length: scrolled over, searched, jumped in and saved without ever being read whole. */
export function BigString(props: ValueProps) {
  const { facts } = props;
  const { workspaceId, db } = useKeysPlace();
  const windows = useByteWindows(props);
  const [form, setForm] = useSetting<Form>('keys.big-string.form', 'text', (value): value is Form => value === 'text' || value === 'hex');
  const { ref: box, width } = useElementSize();
  const perRow = form === 'hex' ? hexBytesPerRow : textBytesPerRow(width);
  /** First byte of the active row; kept as a byte, since rows have another length in the other form. */
  const [place, setPlace] = useState(0);
  const [range, setRange] = useState<ByteRange | null>(null);
  const [anchor, setAnchor] = useState(0);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [notice, setNotice] = useState('');
  const list = useRef<VirtualRowsHandle>(null);
  const searchInput = useRef<HTMLInputElement>(null);
  const pane = useRef<HTMLDivElement>(null);
  const { total } = windows;
  const count = Math.ceil(total / perRow);
  const active = Math.floor(place / perRow);

  const goTo = useCallback(
    (offset: number) => {
      setPlace(offset);
      list.current?.scrollToRow(Math.floor(offset / perRow), 'center');
    },
    [perRow],
  );
  const latestPlace = useRef(place);
  useEffect(() => {
    latestPlace.current = place;
  });
  useEffect(() => {
    if (latestPlace.current > 0) list.current?.scrollToRow(Math.floor(latestPlace.current / perRow), 'center');
  }, [perRow]);
  const onMatch = useCallback(
    (offset: number, bytes: number) => {
      setRange({ from: offset, to: offset + bytes });
      setAnchor(offset);
      goTo(offset);
    },
    [goTo],
  );
  const where = useMemo(() => ({ workspaceId, db, name: facts.name }), [workspaceId, db, facts.name]);
  const search = useStringSearch(where, onMatch);
  useShortcuts([
    { keys: 'mod+f', label: 'Search the value', group: 'Value', within: pane, run: () => searchInput.current?.focus() },
    { keys: '/', label: 'Search the value', group: 'Value', within: pane, run: () => searchInput.current?.focus() },
  ]);

  const move = (row: number, { extend }: RowMove) => {
    setPlace(row * perRow);
    const [from, to] = [row * perRow, Math.min(total, (row + 1) * perRow)];
    if (extend) setRange({ from: Math.min(anchor, from), to: Math.max(anchor + 1, to) });
    else {
      setAnchor(from);
      setRange({ from, to });
    }
  };
  const onRange = useCallback((from: number, to: number) => windows.want(from * perRow, to * perRow), [windows, perRow]);
  const shownProblem = problem ?? search.problem ?? windows.problem;
  return (
    <div ref={pane} className={classes['body']}>
      <div className={classes['bar']} role="group" aria-label="Form">
        <SegmentedControl
          size="xs"
          aria-label="Show the bytes as"
          value={form}
          onChange={(value) => setForm(value === 'hex' ? 'hex' : 'text')}
          data={[
            { value: 'text', label: 'Text' },
            { value: 'hex', label: 'Hex' },
          ]}
        />
        <JumpToOffset total={total} onJump={goTo} />
        <span className="la-number" role="status" title={formatBytesExact(total)}>
          byte {formatExact(Math.min(total, place))} of {formatBytes(total)}
        </span>
      </div>
      <SearchBar search={search} inputRef={searchInput} />
      {shownProblem && (
        <ProblemView
          problem={shownProblem}
          onRetry={() => {
            setProblem(null);
            windows.retry();
            if (search.asked && search.problem) search.search(search.asked);
          }}
        />
      )}
      {windows.changed && (
        <p className={classes['notice']} role="status">
          The value changed while it was open: it has {formatBytesExact(total)} now. Read it again to see one state of it.
        </p>
      )}
      <div ref={box} className={classes['rows']} data-value-focus>
        {width > 0 && (
          <VirtualRows
            key={`${form} ${perRow}`}
            ref={list}
            label={`Bytes 0 to ${formatExact(total)}`}
            role="listbox"
            rowHeight={rowHeight}
            count={count}
            active={Math.min(active, count - 1)}
            isSelected={(row) => range !== null && range.from < (row + 1) * perRow && range.to > row * perRow}
            rowAria={(row) => ({ 'aria-label': `Bytes from ${formatExact(row * perRow)}, ${offsetLabel(row * perRow, total)}` })}
            onMove={move}
            onRange={onRange}
            renderRow={(row) => {
              const Row = form === 'hex' ? HexRow : TextRow;
              return <Row windows={windows} from={row * perRow} to={Math.min(total, (row + 1) * perRow)} marked={range} />;
            }}
          />
        )}
      </div>
      {notice !== '' && (
        <div className={classes['notice']} role="status">
          <span>{notice}</span>
          <CloseButton size={18} aria-label="Dismiss" onClick={() => setNotice('')} />
        </div>
      )}
      <RangeBar facts={facts} total={total} range={range} onRange={setRange} onProblem={setProblem} onNotice={setNotice} />
    </div>
  );
}

function JumpToOffset({ total, onJump }: { total: number; onJump: (offset: number) => void }) {
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState(false);
  const jump = () => {
    const offset = parseOffset(text, total);
    setWrong(offset === null && text !== '');
    if (offset !== null) onJump(offset);
  };
  return (
    <TextInput
      w={150}
      aria-label="Jump to offset"
      placeholder="Go to offset"
      title="1000, 0xff, 50 % or 12 MiB"
      classNames={{ input: 'la-mono' }}
      leftSection={<IconArrowRight size={14} aria-hidden />}
      value={text}
      error={wrong}
      onChange={(event) => {
        setText(event.currentTarget.value);
        setWrong(false);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') jump();
      }}
    />
  );
}
