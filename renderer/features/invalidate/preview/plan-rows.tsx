import { Menu, SegmentedControl } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDownload } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { fromWire } from '../../../../shared/bytes.ts';
import type { InvalidatePlan, PlanRow } from '../../../../shared/contract/invalidate.ts';
import { nameLine } from '../../../../shared/redis/cli-quote.ts';
import { copyText } from '../../../lib/copy.ts';
import { formatBytes, formatDateTime, formatDuration, formatExact } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { useNow } from '../../../lib/now.ts';
import { wireLabel } from '../../../lib/wire-text.ts';
import { TypeBadge } from '../../../ui/badge.tsx';
import { IconButton } from '../../../ui/icon-button.tsx';
import { tellProblem } from '../../../ui/tell-problem.ts';
import { VirtualRows } from '../../../ui/virtual-rows.tsx';
import { WireText } from '../../../ui/wire-text-view.tsx';
import { excludedWords } from '../words.ts';
import classes from '../invalidate.module.css';

type Which = 'selected' | 'excluded';
const pageRows = 200;

/** Rows of a plan in pages as they come into view. */
function usePlanRows(planId: string, of: Which) {
  const { client } = useHost();
  const [total, setTotal] = useState<number | null>(null);
  const [pages, setPages] = useState<ReadonlyMap<number, readonly PlanRow[]>>(new Map());
  const asked = useRef(new Set<number>());
  const load = (page: number) => {
    if (asked.current.has(page)) return;
    asked.current.add(page);
    client.invalidate.planRows({ planId, of, from: page * pageRows, count: pageRows }).then(
      (answer) => {
        setTotal(answer.total);
        setPages((before) => new Map(before).set(page, answer.rows));
      },
      (error: unknown) => {
        asked.current.delete(page);
        tellProblem(error);
      },
    );
  };
  const latest = useRef(load);
  useEffect(() => {
    latest.current = load;
  });
  useEffect(() => latest.current(0), []);
  const rowAt = (index: number) => pages.get(Math.floor(index / pageRows))?.[index % pageRows];
  const onRange = (from: number, to: number) => {
    for (let page = Math.floor(from / pageRows); page * pageRows < Math.min(to, total ?? 0); page += 1) load(page);
  };
  return { total, rowAt, onRange };
}

interface PlanRowsProps {
  plan: InvalidatePlan;
}

/** Every key that the run would take, and every one that is left out with the reason. */
export function PlanRows({ plan }: PlanRowsProps) {
  const { client } = useHost();
  const [of, setOf] = useState<Which>('selected');
  const leftOut = plan.excluded.reduce((sum, { count }) => sum + count, 0);
  const write = (which: Which, format: 'csv' | 'jsonl') => {
    client.invalidate.exportPlan({ planId: plan.planId, of: which, format }).then(() => notifications.show({ id: 'invalidate.export', title: 'The list is being written', message: 'The jobs in the status bar show where.' }), tellProblem);
  };
  return (
    <div className={classes['list']} role="group" aria-label="Keys of the plan">
      <div className={classes['listHead']}>
        <SegmentedControl
          aria-label="Show keys"
          value={of}
          onChange={(value) => setOf(value === 'excluded' ? 'excluded' : 'selected')}
          data={[
            { value: 'selected', label: `Taken ${formatExact(plan.selected)}` },
            { value: 'excluded', label: `Left out ${formatExact(leftOut)}` },
          ]}
        />
        <span className={classes['spring']} />
        <Menu position="bottom-end" width={220}>
          <Menu.Target>
            <IconButton label="Export the list" icon={<IconDownload size={15} />} />
          </Menu.Target>
          <Menu.Dropdown>
            {(['selected', 'excluded'] as const).map((which) =>
              (['csv', 'jsonl'] as const).map((format) => (
                <Menu.Item key={`${which} ${format}`} disabled={which === 'excluded' && leftOut === 0} onClick={() => write(which, format)}>
                  {which === 'selected' ? 'Taken' : 'Left out'} as {format === 'csv' ? 'CSV' : 'JSON Lines'}
                </Menu.Item>
              )),
            )}
          </Menu.Dropdown>
        </Menu>
      </div>
      <Rows key={`${plan.planId} ${of}`} plan={plan} of={of} />
    </div>
  );
}

function Rows({ plan, of }: { plan: InvalidatePlan; of: Which }) {
  const { total, rowAt, onRange } = usePlanRows(plan.planId, of);
  const [active, setActive] = useState(0);
  const now = useNow(1000);
  const severalDbs = plan.byDb.length > 1;
  if (total === 0) return <p className={classes['words']} style={{ padding: '8px 12px' }}>{of === 'selected' ? 'No key is taken.' : 'No key is left out.'}</p>;
  const left = plan.excluded.reduce((sum, { count }) => sum + count, 0);
  return (
    <>
      <VirtualRows
        label={of === 'selected' ? 'Keys that are taken' : 'Keys that are left out'}
        role="listbox"
        count={total ?? 0}
        active={active}
        onMove={setActive}
        onRange={onRange}
        onActivate={(index) => {
          const row = rowAt(index);
          if (row !== undefined) void copyText(nameLine(fromWire(row.name)));
        }}
        rowAria={(index) => {
          const row = rowAt(index);
          return { 'aria-label': row === undefined ? 'Not read yet' : wireLabel(row.name) };
        }}
        renderRow={(index) => <Row row={rowAt(index)} db={severalDbs} now={now} why={of === 'excluded'} />}
      />
      {of === 'excluded' && total !== null && total < left && <p className={classes['words']} style={{ padding: '2px 10px' }}>The first {formatExact(total)} of {formatExact(left)} are kept.</p>}
    </>
  );
}

function expiryWords(expiresAt: number | null, now: number): string {
  if (expiresAt === null) return '';
  if (expiresAt < 0) return 'no expiry';
  return expiresAt <= now ? 'time is up' : formatDuration(Math.floor((expiresAt - now) / 1000) * 1000);
}

function Row({ row, db, now, why }: { row: PlanRow | undefined; db: boolean; now: number; why: boolean }) {
  if (row === undefined) return <span className={classes['planRow']}>…</span>;
  return (
    <span className={classes['planRow']}>
      {db && <span className={`${classes['dim']} la-number`}>db {row.db}</span>}
      <span className={`${classes['planName']} la-cut`}>
        <WireText value={row.name} limit={200} />
      </span>
      {why && <span className={`${classes['planWhy']} la-cut`}>{row.excluded === null ? '' : excludedWords[row.excluded]}</span>}
      <span className={classes['planType']}>{row.type !== null && <TypeBadge type={row.type} />}</span>
      <span className={`${classes['planTtl']} la-number`} title={row.expiresAt !== null && row.expiresAt > 0 ? formatDateTime(row.expiresAt) : undefined}>
        {expiryWords(row.expiresAt, now)}
      </span>
      <span className={`${classes['planBytes']} la-number`}>{row.bytes === null ? '' : formatBytes(row.bytes)}</span>
    </span>
  );
}
