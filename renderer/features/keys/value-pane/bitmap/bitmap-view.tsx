import { Button, TextInput } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useCallback, useRef, useState } from 'react';
import type { Problem } from '../../../../../shared/contract/errors.ts';
import { formatBytes, formatExact, formatShare } from '../../../../lib/format.ts';
import { useHost } from '../../../../lib/host.ts';
import { useSnapshotStream } from '../../../../lib/streams.ts';
import { toProblem } from '../../../../lib/to-problem.ts';
import { Count } from '../../../../ui/count.tsx';
import { EmptyState } from '../../../../ui/empty-state.tsx';
import { ProblemView } from '../../../../ui/problem-view.tsx';
import { VirtualRows, type VirtualRowsHandle } from '../../../../ui/virtual-rows.tsx';
import { useKeysPlace } from '../../keys-context.ts';
import { useByteWindows } from '../big-string/use-byte-windows.ts';
import type { ValueProps } from '../value-body.tsx';
import { bitAt } from './bits.ts';
import { BitRow, gapPx, leastBitPx } from './bit-row.tsx';
import { DensityStrip } from './density-strip.tsx';
import frame from '../framed-view.module.css';
import classes from './bitmap.module.css';

const largestBitPx = 14;
/** Room for the bit's index at the left and the count at the right, px. */
const sidePx = 164;

/** A string as a grid of bits: which are set, how many, and where the next one is. */
export function BitmapView(props: ValueProps) {
  const { facts, round } = props;
  const { client } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const windows = useByteWindows(props);
  const { ref: box, width } = useElementSize();
  const rowBytes = width - sidePx >= 16 * (8 * leastBitPx + gapPx) ? 16 : 8;
  const bitPx = Math.max(leastBitPx, Math.min(largestBitPx, Math.floor(((width - sidePx) / rowBytes - gapPx) / 8)));
  const rowHeight = bitPx + 5;
  const rowBits = rowBytes * 8;
  const [bit, setBit] = useState(0);
  const [hover, setHover] = useState<number | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [notice, setNotice] = useState('');
  const [busy, setBusy] = useState(false);
  const list = useRef<VirtualRowsHandle>(null);
  const bits = windows.total * 8;
  const where = { workspaceId, db, name: facts.name };
  const counting = useSnapshotStream((signal) => client.valueWork.bitCount(where, { signal }), [client, workspaceId, db, facts.name, round]);
  const onRange = useCallback((from: number, to: number) => windows.want(from * rowBytes, to * rowBytes), [windows, rowBytes]);

  const goTo = (place: number) => {
    const next = Math.max(0, Math.min(bits - 1, place));
    setBit(next);
    setNotice('');
    list.current?.scrollToRow(Math.floor(next / rowBits), 'center');
  };
  const findNext = async (value: 0 | 1) => {
    setBusy(true);
    setNotice('');
    setProblem(null);
    try {
      let from = bit + 1;
      for (;;) {
        const found = await client.values.bitNext({ ...where, bit: value, from });
        if (found.position !== null) return goTo(found.position);
        from = found.lookedTo;
        if (from >= found.bits) return setNotice(`No ${value} follows bit ${formatExact(bit)}.`);
      }
    } catch (error) {
      setProblem(toProblem(error));
    } finally {
      setBusy(false);
    }
  };
  if (windows.total === 0 && windows.problem === null) return <EmptyState title="No bits">The string is empty.</EmptyState>;
  const shown = hover ?? bit;
  const byte = windows.slice(Math.floor(shown / 8), Math.floor(shown / 8) + 1);
  const value = byte === null || byte.length === 0 ? null : bitAt(byte, shown % 8);
  const shownProblem = problem ?? windows.problem ?? counting.problem;
  return (
    <div className={frame['view']}>
      <div className={frame['bar']} role="group" aria-label="Bits">
        <span className="la-number" role="status">
          {counting.snapshot === null ? (
            'Counting'
          ) : (
            <>
              <Count value={counting.snapshot.ones} exactness={counting.snapshot.done ? 'exact' : 'atLeast'} /> of {formatExact(bits)} bits are set
              {counting.snapshot.done
                ? ` (${formatShare(counting.snapshot.ones / Math.max(1, bits))})`
                : `; counted ${formatBytes(counting.snapshot.scanned)} of ${formatBytes(counting.snapshot.total)}`}
              {counting.snapshot.changed && '; the value changed meanwhile'}
            </>
          )}
        </span>
        <span className={frame['spring']} />
        <GoToBit bits={bits} onGo={goTo} />
        <Button variant="default" loading={busy} onClick={() => void findNext(1)}>
          Next 1
        </Button>
        <Button variant="default" loading={busy} onClick={() => void findNext(0)}>
          Next 0
        </Button>
      </div>
      {counting.snapshot && <DensityStrip snapshot={counting.snapshot} at={bit / Math.max(1, bits)} onGo={(offset) => goTo(offset * 8)} />}
      {shownProblem && (
        <ProblemView
          problem={shownProblem}
          onRetry={() => {
            setProblem(null);
            windows.retry();
            if (counting.problem) counting.restart();
          }}
        />
      )}
      <div ref={box} className={classes['grid']} data-value-focus onMouseLeave={() => setHover(null)}>
        {width > 0 && (
          <VirtualRows
            key={`${rowBytes} ${bitPx}`}
            ref={list}
            label="Bits"
            role="listbox"
            rowHeight={rowHeight}
            count={Math.ceil(windows.total / rowBytes)}
            active={Math.floor(bit / rowBits)}
            isSelected={() => false}
            rowAria={(row) => ({ 'aria-label': `From bit ${formatExact(row * rowBits)}` })}
            onRange={onRange}
            onMove={(row, { by }) => {
              if (by === 'pointer') setBit(hover !== null && Math.floor(hover / rowBits) === row ? hover : row * rowBits);
              else setBit(Math.min(bits - 1, row * rowBits + (bit % rowBits)));
            }}
            onKey={(event) => {
              const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
              if (step === undefined) return false;
              setHover(null);
              const next = Math.max(0, Math.min(bits - 1, bit + step));
              setBit(next);
              list.current?.scrollToRow(Math.floor(next / rowBits));
              return true;
            }}
            renderRow={(row) => (
              <BitRow
                bytes={windows.slice(row * rowBytes, Math.min(windows.total, (row + 1) * rowBytes))}
                first={row * rowBits}
                rowBits={rowBits}
                bitPx={bitPx}
                height={rowHeight}
                active={Math.floor(bit / rowBits) === row ? bit % rowBits : null}
                onHover={setHover}
              />
            )}
          />
        )}
      </div>
      <div className={frame['foot']} role="status">
        <span className="la-number">
          Bit {formatExact(shown)} is {value ?? '…'}
        </span>
        <span className="la-number">
          byte {formatExact(Math.floor(shown / 8))}, mask 0x{(0x80 >> shown % 8).toString(16).padStart(2, '0')}
        </span>
        {notice !== '' && <span>{notice}</span>}
      </div>
    </div>
  );
}

function GoToBit({ bits, onGo }: { bits: number; onGo: (bit: number) => void }) {
  const [text, setText] = useState('');
  const plain = text.replaceAll(/[,_\s]/g, '');
  const valid = /^\d{1,15}$/.test(plain) && Number(plain) < bits;
  return (
    <TextInput
      w={130}
      aria-label="Go to bit"
      placeholder="Go to bit"
      classNames={{ input: 'la-mono' }}
      value={text}
      error={plain !== '' && !valid}
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && valid) onGo(Number(plain));
      }}
    />
  );
}
