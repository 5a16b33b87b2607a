import { Button, Checkbox, Select } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { wireKey, type WireBytes } from '../../../../../shared/bytes.ts';
import type { StreamAction } from '../../../../../shared/contract/value-work.ts';
import { formatDuration, formatExact, plural } from '../../../../lib/format.ts';
import { useHost } from '../../../../lib/host.ts';
import { toProblem } from '../../../../lib/to-problem.ts';
import { wireLabel } from '../../../../lib/wire-text.ts';
import { ProblemView } from '../../../../ui/problem-view.tsx';
import { WireText } from '../../../../ui/wire-text-view.tsx';
import type { StreamPlace } from './action-dialog.tsx';
import { SmallTable } from './small-table.tsx';
import classes from './stream.module.css';
import values from '../value.module.css';

const perPage = 100;
const maxChosen = 500;
const idleChoices = [
  { value: '0', label: 'any idle time' },
  { value: '10000', label: 'idle 10 s' },
  { value: '60000', label: 'idle 1 min' },
  { value: '600000', label: 'idle 10 min' },
  { value: '3600000', label: 'idle 1 h' },
];

interface PendingEntriesProps {
  where: StreamPlace;
  group: WireBytes;
  /** To narrow the list to one of them. */
  consumers: readonly WireBytes[];
  round: number;
  onAct: (action: StreamAction) => void;
}

/** What was delivered and is not acknowledged; chosen entries are acknowledged or claimed. */
export function PendingEntries({ where, group, consumers, round, onAct }: PendingEntriesProps) {
  const { client } = useHost();
  const [minIdle, setMinIdle] = useState('0');
  const [consumer, setConsumer] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const pending = useInfiniteQuery({
    queryKey: ['stream-pending', where.workspaceId, where.db, wireKey(where.name), wireKey(group), minIdle, consumer, round],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => client.values.streamPending({ ...where, group, cursor: pageParam, count: perPage, minIdleMs: Number(minIdle), consumer: consumers.find((one) => wireKey(one) === consumer) ?? null }, { signal }),
    getNextPageParam: (page) => page.next,
    staleTime: 0,
    placeholderData: (before) => before,
  });
  const items = pending.data?.pages.flatMap((page) => page.items) ?? [];
  // What is not listed any more cannot be acted on.
  const ids = items.map(({ id }) => id).filter((id) => chosen.has(id)).slice(0, maxChosen);
  const toggle = (id: string) =>
    setChosen((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  const all = items.length > 0 && ids.length === Math.min(items.length, maxChosen);
  return (
    <section>
      <div className={classes['groupsBar']}>
        <h3>Pending entries</h3>
        {consumers.length > 1 && (
          <Select
            aria-label="Consumer of pending entries"
            w={150}
            value={consumer}
            data={[{ value: '', label: 'any consumer' }, ...consumers.map((one) => ({ value: wireKey(one), label: wireLabel(one, 40) }))]}
            allowDeselect={false}
            onChange={(value) => setConsumer(value ?? '')}
          />
        )}
        <Select aria-label="Idle time of pending entries" w={130} value={minIdle} data={idleChoices} allowDeselect={false} onChange={(value) => setMinIdle(value ?? '0')} />
        <Button variant="default" disabled={ids.length === 0} onClick={() => onAct({ do: 'ack', group, ids })}>
          Acknowledge{ids.length > 0 && ` ${formatExact(ids.length)}`}…
        </Button>
        <Button variant="default" disabled={ids.length === 0} onClick={() => onAct({ do: 'claim', group, consumer: '', minIdleMs: 0, ids })}>
          Claim{ids.length > 0 && ` ${formatExact(ids.length)}`}…
        </Button>
      </div>
      {pending.error && <ProblemView problem={toProblem(pending.error)} onRetry={() => void pending.refetch()} />}
      {pending.data !== undefined && items.length === 0 && (
        <p className={values['none']}>{minIdle === '0' && consumer === '' ? 'Nothing is pending: all that was delivered is acknowledged.' : 'Nothing that is pending is of this consumer and has been idle so long.'}</p>
      )}
      {items.length > 0 && (
        <>
          <SmallTable
            label="Pending entries"
            head={['Entry', 'Consumer', 'Idle', 'Deliveries']}
            numbers={[2, 3]}
            rows={items.map((one) => ({
              key: one.id,
              chosen: chosen.has(one.id),
              cells: [
                <Checkbox key="id" label={<span className="la-mono">{one.id}</span>} checked={chosen.has(one.id)} onChange={() => toggle(one.id)} />,
                <WireText key="consumer" value={one.consumer} limit={60} />,
                formatDuration(one.idleMs),
                formatExact(one.deliveries),
              ],
            }))}
          />
          <div className={classes['groupsBar']}>
            <Checkbox label={`Choose all ${plural(Math.min(items.length, maxChosen), 'listed entry', 'listed entries')}`} checked={all} onChange={() => setChosen(all ? new Set() : new Set(items.slice(0, maxChosen).map(({ id }) => id)))} />
            {pending.hasNextPage && (
              <Button variant="default" loading={pending.isFetchingNextPage} onClick={() => void pending.fetchNextPage()}>
                Load more
              </Button>
            )}
          </div>
        </>
      )}
    </section>
  );
}
