import { Button, Menu, TextInput } from '@mantine/core';
import { IconCopy, IconDownload } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { fromWire, utf8OrNull } from '../../../../../shared/bytes.ts';
import type { Problem } from '../../../../../shared/contract/errors.ts';
import { redisCliQuoted } from '../../../../../shared/redis/cli-quote.ts';
import { copyText } from '../../../../lib/copy.ts';
import { formatBytes, formatBytesExact, formatExact } from '../../../../lib/format.ts';
import { useHost } from '../../../../lib/host.ts';
import { toProblem } from '../../../../lib/to-problem.ts';
import { useKeysPlace } from '../../keys-context.ts';
import type { ValueProps } from '../value-body.tsx';
import type { ByteRange } from './byte-row.tsx';
import { windowBytes } from './byte-windows.ts';
import { parseOffset } from './text-rows.ts';
import classes from './big-string.module.css';

/** What goes to the clipboard at most. */
const maxCopy = 1024 * 1024;

interface RangeBarProps {
  facts: ValueProps['facts'];
  total: number;
  range: ByteRange | null;
  onRange: (range: ByteRange | null) => void;
  onProblem: (problem: Problem) => void;
  /** Said for screen readers and under the value. */
  onNotice: (notice: string) => void;
}

/** What of the value is selected, and what can be done with it. */
export function RangeBar({ facts, total, range, onRange, onProblem, onNotice }: RangeBarProps) {
  const { client } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const [busy, setBusy] = useState(false);
  const { name } = facts;
  const length = range === null ? 0 : range.to - range.from;

  const run = async (work: () => Promise<string>) => {
    setBusy(true);
    try {
      onNotice(await work());
    } catch (error) {
      onProblem(toProblem(error));
    } finally {
      setBusy(false);
    }
  };
  const read = async ({ from, to }: ByteRange): Promise<Uint8Array> => {
    const bytes = new Uint8Array(to - from);
    for (let at = from; at < to; at += windowBytes * 4) {
      const page = await client.values.page({ workspaceId, db, name, type: 'string', count: 1, from: at, bytes: Math.min(windowBytes * 4, to - at) });
      if (page.type === 'string') bytes.set(fromWire(page.chunk), at - from);
    }
    return bytes;
  };
  const copy = (wanted: ByteRange, as: 'text' | 'hex') =>
    run(async () => {
      const bytes = await read(wanted);
      const text = as === 'hex' ? [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('') : (utf8OrNull(bytes) ?? redisCliQuoted(bytes));
      if (!(await copyText(text))) return 'The browser refuses to copy.';
      const escaped = as === 'text' && utf8OrNull(bytes) === null;
      return `Copied ${formatBytesExact(bytes.length)}${escaped ? ', escaped: they are not all text' : ''}.`;
    });
  const save = (wanted: ByteRange | null) =>
    run(async () => {
      await client.valueWork.saveBytes({ workspaceId, db, name, from: wanted?.from ?? 0, to: wanted?.to ?? null });
      return 'The bytes are being written to a file. The jobs in the status bar show where.';
    });

  return (
    <div className={classes['range']} role="group" aria-label="Selected bytes">
      <Edge label="From byte" value={range?.from ?? null} total={total} onValue={(from) => onRange({ from, to: Math.max(from + 1, range?.to ?? from + 1) })} />
      <Edge label="to byte" value={range === null ? null : range.to - 1} total={total} onValue={(last) => onRange({ from: Math.min(range?.from ?? last, last), to: last + 1 })} />
      <span className="la-number" role="status" title={range === null ? undefined : formatBytesExact(length)}>
        {range === null ? 'nothing selected' : `${formatExact(length)} ${length === 1 ? 'byte' : 'bytes'} selected`}
      </span>
      <span className={classes['spring']} />
      <Menu position="top-end">
        <Menu.Target>
          <Button variant="default" leftSection={<IconCopy size={14} />} disabled={range === null || busy}>
            Copy
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item disabled={length > maxCopy} onClick={() => range && void copy(range, 'text')}>
            Copy as text
          </Menu.Item>
          <Menu.Item disabled={length > maxCopy} onClick={() => range && void copy(range, 'hex')}>
            Copy as hexadecimal
          </Menu.Item>
          {length > maxCopy && <Menu.Label>At most {formatBytes(maxCopy)} fit the clipboard; save them instead</Menu.Label>}
        </Menu.Dropdown>
      </Menu>
      <Menu position="top-end">
        <Menu.Target>
          <Button variant="default" leftSection={<IconDownload size={14} />} loading={busy}>
            Save
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item disabled={range === null} onClick={() => range && void save(range)}>
            Save the selected bytes to a file
          </Menu.Item>
          <Menu.Item onClick={() => void save(null)}>Save the whole value to a file ({formatBytes(total)})</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

/** One end of the selection, typed. */
function Edge({ label, value, total, onValue }: { label: string; value: number | null; total: number; onValue: (value: number) => void }) {
  const [text, setText] = useState('');
  useEffect(() => setText(value === null ? '' : formatExact(value)), [value]);
  const commit = () => {
    const read = parseOffset(text, total);
    if (read === null) setText(value === null ? '' : formatExact(value));
    else if (read !== value) onValue(read);
  };
  return (
    <label className={classes['edge']}>
      {label}
      <TextInput
        w={112}
        classNames={{ input: 'la-mono' }}
        placeholder="offset"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit();
        }}
      />
    </label>
  );
}
