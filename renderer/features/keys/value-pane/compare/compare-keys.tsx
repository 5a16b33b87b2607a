import { Button } from '@mantine/core';
import { IconArrowsDiff } from '@tabler/icons-react';
import { useState } from 'react';
import { fromWire, type WireBytes } from '../../../../../shared/bytes.ts';
import type { CompareSnapshot } from '../../../../../shared/contract/value-work.ts';
import type { KeyFacts } from '../../../../../shared/contract/values.ts';
import { nameLine } from '../../../../../shared/redis/cli-quote.ts';
import { formatBytes, formatDuration, formatExact, formatShare } from '../../../../lib/format.ts';
import { useHost } from '../../../../lib/host.ts';
import { useSnapshotStream } from '../../../../lib/streams.ts';
import { Badge } from '../../../../ui/badge.tsx';
import { Count } from '../../../../ui/count.tsx';
import { ProblemView } from '../../../../ui/problem-view.tsx';
import { useKeysPlace } from '../../keys-context.ts';
import { nameFromInput } from '../../../../lib/name-input.ts';
import { Differences } from './differences.tsx';
import { SidePicker, type SideChoice } from './side-picker.tsx';
import classes from './compare.module.css';

const lineOf = (wire: WireBytes) => (wire === '' ? '""' : nameLine(fromWire(wire)));

interface Place {
  workspaceId: string;
  db: number;
  name: WireBytes;
}

/** Chooses two keys and shows what differs. */
export function CompareKeys({ left, right }: { left: WireBytes; right: WireBytes | null }) {
  const { workspaceId, db } = useKeysPlace();
  const [a, setA] = useState<SideChoice>({ workspaceId, db, text: lineOf(left) });
  const [b, setB] = useState<SideChoice>({ workspaceId, db, text: right === null ? lineOf(left) : lineOf(right) });
  const placeOf = (side: SideChoice): Place => ({ workspaceId: side.workspaceId, db: side.db, name: nameFromInput(side.text) });
  const [asked, setAsked] = useState<{ left: Place; right: Place } | null>(right === null ? null : { left: placeOf(a), right: placeOf(b) });
  const same = a.workspaceId === b.workspaceId && a.db === b.db && a.text === b.text;
  const begin = () => !same && setAsked({ left: placeOf(a), right: placeOf(b) });
  return (
    <div className={classes['compare']}>
      <div className={classes['pickers']}>
        <SidePicker label="Left" side={a} onSide={setA} onEnter={begin} />
        <SidePicker label="Right" side={b} onSide={setB} onEnter={begin} />
        <Button leftSection={<IconArrowsDiff size={14} />} disabled={same} title={same ? 'Both sides are the same key' : undefined} onClick={begin}>
          Compare
        </Button>
      </div>
      {asked === null ? <p className={classes['hint']}>Choose another key, or the same key on another connection or in another database. The value is compared in pieces, by type: bytes, elements, places or entries.</p> : <Comparison {...asked} />}
    </div>
  );
}

function Comparison({ left, right }: { left: Place; right: Place }) {
  const { client } = useHost();
  const { snapshot, problem, restart } = useSnapshotStream((signal) => client.valueWork.compare({ left, right }, { signal }), [client, left, right]);
  if (problem) return <ProblemView problem={problem} onRetry={restart} />;
  if (snapshot === null) return <p className={classes['hint']}>Reading both keys.</p>;
  return (
    <>
      <FactsTable snapshot={snapshot} />
      <Verdict snapshot={snapshot} />
      {snapshot.done && (snapshot.rows > 0 || snapshot.by === 'bytes') && <Differences snapshot={snapshot} left={left} right={right} />}
    </>
  );
}

const unitOf: Record<CompareSnapshot['by'], readonly [one: string, many: string]> = {
  none: ['', ''],
  bytes: ['byte', 'bytes'],
  elements: ['element', 'elements'],
  positions: ['element', 'elements'],
  ids: ['entry', 'entries'],
};

function Verdict({ snapshot }: { snapshot: CompareSnapshot }) {
  const { counts, exactness, note, by, done, looked, total } = snapshot;
  const equal = counts.left + counts.right + counts.different === 0;
  const [one, many] = unitOf[by];
  return (
    <div className={classes['verdict']} role="status">
      {by !== 'none' && done && (equal && exactness === 'exact' ? <Badge tone="green">the values are equal</Badge> : equal ? <Badge>no difference found</Badge> : <Badge tone="amber">the values differ</Badge>)}
      {by !== 'none' && !done && <span className="la-number">Compared {formatShare(total === 0 ? 1 : Math.min(1, looked / total))}</span>}
      {by !== 'none' &&
        (
          [
            ['same', counts.same],
            ['different', counts.different],
            ['left only', counts.left],
            ['right only', counts.right],
          ] as const
        ).map(([words, count]) => (
          <span key={words}>
            <Count value={count} exactness={done ? exactness : 'atLeast'} unit={count === 1 ? one : many} /> {words}
          </span>
        ))}
      {note !== '' && <span>{note}</span>}
    </div>
  );
}

function FactsTable({ snapshot }: { snapshot: CompareSnapshot }) {
  const { left, right } = snapshot;
  const now = Math.max(left.readAt, right.readAt);
  const rows: readonly (readonly [string, (facts: KeyFacts) => string])[] = [
    ['Type', ({ type }) => (type === 'none' ? 'does not exist' : type)],
    ['Encoding', ({ encoding }) => encoding ?? '–'],
    ['TTL', ({ ttlMs, readAt }) => (ttlMs === null ? 'no expiry' : formatDuration(Math.max(0, ttlMs - (now - readAt))))],
    ['Length', ({ length, type }) => (length === null ? '–' : type === 'string' ? `${formatExact(length)} bytes` : formatExact(length))],
    ['Memory', ({ memoryBytes, memoryExactness }) => (memoryBytes === null ? '–' : `${memoryExactness === 'estimated' ? '~' : ''}${formatBytes(memoryBytes)}`)],
  ];
  return (
    <table className={classes['facts']} aria-label="Facts of both keys">
      <thead>
        <tr>
          <td />
          <th scope="col">Left</th>
          <th scope="col">Right</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, words]) => (
          <tr key={name} data-differs={words(left) !== words(right) || undefined}>
            <th scope="row">{name}</th>
            <td>{words(left)}</td>
            <td>{words(right)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
