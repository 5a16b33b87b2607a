import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { fromWire, utf8OrNull, type WireBytes } from '../../../../../shared/bytes.ts';
import type { CompareRow, CompareSnapshot } from '../../../../../shared/contract/value-work.ts';
import { formatExact } from '../../../../lib/format.ts';
import { useHost } from '../../../../lib/host.ts';
import { wireLabel } from '../../../../lib/wire-text.ts';
import { VirtualRows } from '../../../../ui/virtual-rows.tsx';
import { WireText } from '../../../../ui/wire-text-view.tsx';
import { CutText } from '../cut-text.tsx';
import { useIndexPages } from '../use-index-pages.ts';
import { ValueTable, type Column } from '../value-table.tsx';
import { diffJson } from './json-diff.ts';
import { diffLines } from './line-diff.ts';
import classes from './compare.module.css';

/** Strings up to here are also compared as text. */
const maxText = 262_144;

interface Place {
  workspaceId: string;
  db: number;
  name: WireBytes;
}

interface DifferencesProps {
  snapshot: CompareSnapshot;
  left: Place;
  right: Place;
}

type Form = 'json' | 'lines' | 'pieces';

/** What differs: by path or line where both are small texts, else piece by piece. */
export function Differences({ snapshot, left, right }: DifferencesProps) {
  const small = snapshot.by === 'bytes' && Math.max(snapshot.left.length ?? 0, snapshot.right.length ?? 0) <= maxText;
  const [mine, theirs] = [useText(left, small), useText(right, small)];
  const texts = useMemo(() => (mine === null || theirs === null ? null : { left: mine, right: theirs }), [mine, theirs]);
  const json = useMemo(() => (texts === null ? null : diffJson(texts.left, texts.right)), [texts]);
  const [asked, setAsked] = useState<Form | null>(null);
  const form: Form = asked ?? (json !== null ? 'json' : texts !== null ? 'lines' : 'pieces');
  return (
    <div className={classes['differences']}>
      {texts !== null && (
        <SegmentedControl
          size="xs"
          aria-label="Show differences by"
          value={form}
          onChange={setAsked}
          data={[
            { value: 'json', label: 'JSON path', disabled: json === null },
            { value: 'lines', label: 'Line' },
            { value: 'pieces', label: 'Bytes' },
          ]}
        />
      )}
      <div className={classes['rows']}>
        {form === 'json' && json !== null && <JsonRows differences={json} />}
        {form === 'lines' && texts !== null && <Lines left={texts.left} right={texts.right} />}
        {form === 'pieces' && <Pieces snapshot={snapshot} />}
      </div>
    </div>
  );
}

/** The whole of a small string as text; `null` while it is read, and where it is none. */
function useText(place: Place, enabled: boolean): string | null {
  const { orpc } = useHost();
  const page = useQuery(orpc.values.page.queryOptions({ input: { ...place, type: 'string', count: 1, from: 0, bytes: maxText }, enabled, staleTime: 0, gcTime: 0 }));
  return useMemo(() => (page.data?.type === 'string' ? utf8OrNull(fromWire(page.data.chunk)) : null), [page.data]);
}

const sideWords: Record<CompareRow['side'], string> = { same: 'same', left: 'left only', right: 'right only', different: 'different' };
const idTitles: Record<CompareSnapshot['by'], string> = { none: '', bytes: 'Offset', elements: 'Element', positions: 'Index', ids: 'Entry' };

const side = (cut: CompareRow['left']) => (cut === null ? <span className={classes['none']}>not there</span> : <CutText cut={cut} />);

function Pieces({ snapshot }: { snapshot: CompareSnapshot }) {
  const { client } = useHost();
  const { compareId, rows, by } = snapshot;
  const pages = useIndexPages<CompareRow>(
    async (from, count, signal) => ({ items: (await client.valueWork.compareRows({ compareId, from, count }, { signal })).items, total: rows }),
    { length: rows, base: 0, count: null, round: 0, onGone: () => undefined },
    [client, compareId, rows],
  );
  const columns: readonly Column<CompareRow>[] = [
    { id: 'side', title: 'What', width: 90, cell: (row) => <span data-side={row.side}>{sideWords[row.side]}</span> },
    { id: 'id', title: idTitles[by], width: 190, cell: (row) => <CutText cut={row.id} /> },
    { id: 'left', title: 'Left', width: 330, cell: (row) => side(row.left) },
    { id: 'right', title: 'Right', width: 330, cell: (row) => side(row.right) },
  ];
  return (
    <ValueTable
      name="compare"
      label="Differences"
      unit={by === 'bytes' ? 'stretch that differs' : 'difference'}
      units={by === 'bytes' ? 'stretches that differ' : 'differences'}
      columns={columns}
      pages={pages}
      onOpen={() => undefined}
      describe={(row) => `${sideWords[row.side]}: ${wireLabel(row.id.data, 80)}`}
    />
  );
}

function JsonRows({ differences }: { differences: NonNullable<ReturnType<typeof diffJson>> }) {
  const [active, setActive] = useState(0);
  if (differences.length === 0) return <p className={classes['hint']}>The documents are equal but for the order of members and spaces.</p>;
  return (
    <div className={classes['headed']}>
    <div className={`${classes['jsonRow']} ${classes['head']}`} aria-hidden>
      <span>Path</span>
      <span>Left</span>
      <span>Right</span>
    </div>
    <VirtualRows
      label="Differences by path"
      role="listbox"
      count={differences.length}
      active={active}
      onMove={setActive}
      rowAria={(at) => ({ 'aria-label': differences[at]?.path ?? '' })}
      renderRow={(at) => {
        const row = differences[at];
        return (
          row && (
            <div className={`${classes['jsonRow']} la-mono`}>
              <span className="la-cut">
                <WireText value={row.path} limit={200} />
              </span>
              <span className="la-cut" data-side={row.left === null ? undefined : 'left'}>
                {row.left === null ? <span className={classes['none']}>not there</span> : <WireText value={row.left} limit={200} />}
              </span>
              <span className="la-cut" data-side={row.right === null ? undefined : 'right'}>
                {row.right === null ? <span className={classes['none']}>not there</span> : <WireText value={row.right} limit={200} />}
              </span>
            </div>
          )
        );
      }}
    />
    </div>
  );
}

function Lines({ left, right }: { left: string; right: string }) {
  const lines = useMemo(() => diffLines(left, right), [left, right]);
  const first = lines.findIndex(({ side: one }) => one !== 'same');
  const [active, setActive] = useState(Math.max(0, first));
  const marks = { same: ' ', left: '−', right: '+' };
  return (
    <VirtualRows
      label="Lines"
      role="listbox"
      rowHeight={20}
      count={lines.length}
      active={active}
      onMove={setActive}
      rowAria={(at) => ({ 'aria-label': `${lines[at]?.side ?? ''} ${lines[at]?.text.slice(0, 80) ?? ''}` })}
      renderRow={(at) => {
        const line = lines[at];
        return (
          line && (
            <div className={`${classes['line']} la-mono`} data-side={line.side}>
              <span className={classes['number']}>{line.left === null ? '' : formatExact(line.left)}</span>
              <span className={classes['number']}>{line.right === null ? '' : formatExact(line.right)}</span>
              <span>{marks[line.side]}</span>
              <span className="la-cut">{line.text !== '' && <WireText value={line.text} limit={1000} />}</span>
            </div>
          )
        );
      }}
    />
  );
}
