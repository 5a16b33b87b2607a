import { Button, Select } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { wireKey, type WireBytes } from '../../../../../shared/bytes.ts';
import type { StreamAction } from '../../../../../shared/contract/value-work.ts';
import { formatDuration, formatExact, plural } from '../../../../lib/format.ts';
import { useHost } from '../../../../lib/host.ts';
import { useSetting } from '../../../../lib/settings.ts';
import { toProblem } from '../../../../lib/to-problem.ts';
import { ProblemView } from '../../../../ui/problem-view.tsx';
import { WireText } from '../../../../ui/wire-text-view.tsx';
import type { StreamPlace } from './action-dialog.tsx';
import { SmallTable } from './small-table.tsx';
import classes from './stream.module.css';
import values from '../value.module.css';

interface StuckConsumersProps {
  where: StreamPlace;
  groups: readonly { name: WireBytes; pending: number }[];
  round: number;
  onAct: (action: StreamAction) => void;
}

const choices = [
  { value: '10000', label: 'idle 10 s' },
  { value: '60000', label: 'idle 1 min' },
  { value: '600000', label: 'idle 10 min' },
  { value: '3600000', label: 'idle 1 h' },
];
/** Groups whose consumers are read. */
const maxGroups = 50;

/** Consumers that hold entries and have not asked for any for a while: their work does not go on. */
export function StuckConsumers({ where, groups, round, onAct }: StuckConsumersProps) {
  const { orpc } = useHost();
  const [threshold, setThreshold] = useSetting('keys.stream.stuck-ms', '60000');
  const withPending = groups.filter(({ pending }) => pending > 0).slice(0, maxGroups);
  const answers = useQueries({
    queries: withPending.map(({ name }) => {
      const input = { ...where, group: name };
      return { ...orpc.values.streamConsumers.queryOptions({ input }), queryKey: [...orpc.values.streamConsumers.queryKey({ input }), round], staleTime: 0 };
    }),
  });
  const failed = answers.find(({ error }) => error !== null);
  const stuck = answers
    .flatMap(({ data }, at) => (data ?? []).map((consumer) => ({ ...consumer, group: withPending[at]?.name ?? '' })))
    .filter(({ pending, idleMs }) => pending > 0 && idleMs >= Number(threshold))
    .toSorted((a, b) => b.pending - a.pending);
  return (
    <section>
      <div className={classes['groupsBar']}>
        <h3>Stuck consumers{stuck.length > 0 && `: ${plural(stuck.length, 'consumer')} with pending entries`}</h3>
        <Select aria-label="Idle time of stuck consumers" w={130} value={threshold} data={choices} allowDeselect={false} onChange={(value) => setThreshold(value ?? '60000')} />
      </div>
      {failed && <ProblemView problem={toProblem(failed.error)} onRetry={() => void failed.refetch()} />}
      {stuck.length === 0 && !failed && <p className={values['none']}>None: no consumer holds pending entries and is idle for {formatDuration(Number(threshold))}.</p>}
      {stuck.length > 0 && (
        <SmallTable
          label="Stuck consumers"
          head={['Group', 'Consumer', 'Pending', 'Idle', '']}
          numbers={[2, 3]}
          rows={stuck.map((one) => ({
            key: `${wireKey(one.group)} ${wireKey(one.name)}`,
            cells: [
              <WireText key="group" value={one.group} limit={60} />,
              <WireText key="name" value={one.name} limit={60} />,
              formatExact(one.pending),
              formatDuration(one.idleMs),
              <Button key="claim" variant="default" onClick={() => onAct({ do: 'autoclaim', group: one.group, consumer: '', minIdleMs: Number(threshold) })}>
                Claim idle entries
              </Button>,
            ],
          }))}
        />
      )}
    </section>
  );
}
