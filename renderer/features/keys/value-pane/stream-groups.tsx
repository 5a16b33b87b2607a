import { Button } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { wireEquals, wireKey, type WireBytes } from '../../../../shared/bytes.ts';
import { formatDuration, formatExact } from '../../../lib/format.ts';
import { useHost } from '../../../lib/host.ts';
import { toProblem } from '../../../lib/to-problem.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { LoadingRows } from '../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../ui/problem-view.tsx';
import { WireText } from '../../../ui/wire-text-view.tsx';
import { useKeysPlace } from '../keys-context.ts';
import type { ValueProps } from './value-body.tsx';
import classes from './value.module.css';

const perPage = 100;

/** The consumer groups of a stream; the chosen one's consumers and pending entries below. */
export function StreamGroups({ facts, round }: ValueProps) {
  const { orpc } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const where = { workspaceId, db, name: facts.name };
  const [chosen, setChosen] = useState<WireBytes | null>(null);
  const groups = useQuery({ ...orpc.values.streamGroups.queryOptions({ input: where }), queryKey: [...orpc.values.streamGroups.queryKey({ input: where }), round], staleTime: 0 });
  if (groups.error) return <ProblemView fills problem={toProblem(groups.error)} onRetry={() => void groups.refetch()} />;
  if (!groups.data) return <LoadingRows rows={4} label="Reading the groups" />;
  const first = groups.data[0];
  if (!first) return <EmptyState title="No consumer groups">Entries are read without groups, or by nobody. XGROUP CREATE makes a group.</EmptyState>;
  const group = groups.data.find((one) => chosen !== null && wireEquals(one.name, chosen)) ?? first;
  return (
    <div className={classes['groups']}>
      <SmallTable
        label="Groups"
        head={['Group', 'Consumers', 'Pending', 'Lag', 'Last delivered']}
        numbers={[1, 2, 3]}
        rows={groups.data.map((one) => ({
          key: wireKey(one.name),
          chosen: one === group,
          cells: [
            <button key="name" type="button" className={classes['link']} aria-pressed={one === group} onClick={() => setChosen(one.name)}>
              <WireText value={one.name} limit={80} />
            </button>,
            formatExact(one.consumers),
            formatExact(one.pending),
            one.lag === null ? 'unknown' : formatExact(one.lag),
            <span key="id" className="la-mono">
              {one.lastDeliveredId}
            </span>,
          ],
        }))}
      />
      <Consumers where={where} group={group.name} round={round} />
      <Pending where={where} group={group.name} round={round} />
    </div>
  );
}

interface GroupProps {
  where: { workspaceId: string; db: number; name: WireBytes };
  group: WireBytes;
  round: number;
}

function Consumers({ where, group, round }: GroupProps) {
  const { orpc } = useHost();
  const input = { ...where, group };
  const consumers = useQuery({ ...orpc.values.streamConsumers.queryOptions({ input }), queryKey: [...orpc.values.streamConsumers.queryKey({ input }), round], staleTime: 0 });
  return (
    <section>
      <h3 className={classes['groupTitle']}>
        Consumers of <WireText value={group} limit={80} />
      </h3>
      {consumers.error && <ProblemView problem={toProblem(consumers.error)} onRetry={() => void consumers.refetch()} />}
      {consumers.data?.length === 0 && <p className={classes['none']}>No consumers.</p>}
      {consumers.data !== undefined && consumers.data.length > 0 && (
        <SmallTable
          label="Consumers"
          head={['Consumer', 'Pending', 'Idle', 'Inactive']}
          numbers={[1, 2, 3]}
          rows={consumers.data.map((one) => ({
            key: wireKey(one.name),
            cells: [<WireText key="name" value={one.name} limit={80} />, formatExact(one.pending), formatDuration(one.idleMs), one.inactiveMs === null ? 'unknown' : formatDuration(one.inactiveMs)],
          }))}
        />
      )}
    </section>
  );
}

function Pending({ where, group, round }: GroupProps) {
  const { client } = useHost();
  const pending = useInfiniteQuery({
    queryKey: ['stream-pending', where.workspaceId, where.db, wireKey(where.name), wireKey(group), round],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => client.values.streamPending({ ...where, group, cursor: pageParam, count: perPage }, { signal }),
    getNextPageParam: (page) => page.next,
    staleTime: 0,
  });
  const items = pending.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section>
      <h3 className={classes['groupTitle']}>Pending entries</h3>
      {pending.error && <ProblemView problem={toProblem(pending.error)} onRetry={() => void pending.refetch()} />}
      {pending.data !== undefined && items.length === 0 && <p className={classes['none']}>Nothing is pending: all that was delivered is acknowledged.</p>}
      {items.length > 0 && (
        <SmallTable
          label="Pending entries"
          head={['Entry', 'Consumer', 'Idle', 'Deliveries']}
          numbers={[2, 3]}
          rows={items.map((one) => ({
            key: one.id,
            cells: [
              <span key="id" className="la-mono">
                {one.id}
              </span>,
              <WireText key="consumer" value={one.consumer} limit={60} />,
              formatDuration(one.idleMs),
              formatExact(one.deliveries),
            ],
          }))}
        />
      )}
      {pending.hasNextPage && (
        <Button variant="default" loading={pending.isFetchingNextPage} onClick={() => void pending.fetchNextPage()}>
          Load more
        </Button>
      )}
    </section>
  );
}

interface SmallTableProps {
  label: string;
  head: readonly string[];
  /** Columns of numbers. */
  numbers: readonly number[];
  rows: readonly { key: string; chosen?: boolean; cells: readonly ReactNode[] }[];
}

function SmallTable({ label, head, numbers, rows }: SmallTableProps) {
  return (
    <table className={classes['small']} aria-label={label}>
      <thead>
        <tr>
          {head.map((title, at) => (
            <th key={title} scope="col" data-number={numbers.includes(at) || undefined}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key} data-chosen={row.chosen || undefined}>
            {row.cells.map((cell, at) => (
              <td key={head[at]} className={numbers.includes(at) ? 'la-number' : ''} data-number={numbers.includes(at) || undefined}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
