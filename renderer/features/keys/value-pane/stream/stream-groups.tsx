import { Button, CloseButton, Menu } from '@mantine/core';
import { IconDots, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { wireEquals, wireKey, type WireBytes } from '../../../../../shared/bytes.ts';
import type { StreamAction } from '../../../../../shared/contract/value-work.ts';
import { formatDuration, formatExact } from '../../../../lib/format.ts';
import { useHost } from '../../../../lib/host.ts';
import { toProblem } from '../../../../lib/to-problem.ts';
import { wireLabel } from '../../../../lib/wire-text.ts';
import { EmptyState } from '../../../../ui/empty-state.tsx';
import { IconButton } from '../../../../ui/icon-button.tsx';
import { LoadingRows } from '../../../../ui/loading-rows.tsx';
import { ProblemView } from '../../../../ui/problem-view.tsx';
import { WireText } from '../../../../ui/wire-text-view.tsx';
import { useKeysPlace } from '../../keys-context.ts';
import type { ValueProps } from '../value-body.tsx';
import { ActionDialog, type StreamPlace } from './action-dialog.tsx';
import { PendingEntries } from './pending-entries.tsx';
import { SmallTable } from './small-table.tsx';
import { StuckConsumers } from './stuck-consumers.tsx';
import classes from './stream.module.css';
import values from '../value.module.css';

/** The consumer groups of a stream; the chosen one's consumers and pending entries below. */
export function StreamGroups({ facts, round }: ValueProps) {
  const { orpc } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const where = { workspaceId, db, name: facts.name };
  const [chosen, setChosen] = useState<WireBytes | null>(null);
  const [asked, setAsked] = useState<StreamAction | null>(null);
  const [notice, setNotice] = useState('');
  const [changes, setChanges] = useState(0);
  const now = round * 1000 + changes;
  const groups = useQuery({ ...orpc.values.streamGroups.queryOptions({ input: where }), queryKey: [...orpc.values.streamGroups.queryKey({ input: where }), now], staleTime: 0, placeholderData: (before) => before });
  if (groups.error) return <ProblemView fills problem={toProblem(groups.error)} onRetry={() => void groups.refetch()} />;
  if (!groups.data) return <LoadingRows rows={4} label="Reading the groups" />;
  const create = () => setAsked({ do: 'groupCreate', group: '', id: '$' });
  const dialog = asked && (
    <ActionDialog
      where={where}
      asked={asked}
      onClose={() => setAsked(null)}
      onDone={(words) => {
        setAsked(null);
        setNotice(words);
        setChanges((before) => before + 1);
      }}
    />
  );
  const told = notice !== '' && (
    <div className={values['noticeLine']} role="status">
      <span>{notice}</span>
      <CloseButton size={18} aria-label="Dismiss" onClick={() => setNotice('')} />
    </div>
  );
  const first = groups.data[0];
  if (!first) {
    return (
      <>
        {told}
        <EmptyState
          title="No consumer groups"
          actions={
            <Button variant="default" onClick={create}>
              New group
            </Button>
          }
        >
          Entries are read without groups, or by nobody. A group shares the entries among its consumers and remembers what is not acknowledged.
        </EmptyState>
        {dialog}
      </>
    );
  }
  const group = groups.data.find((one) => chosen !== null && wireEquals(one.name, chosen)) ?? first;
  return (
    <>
      {told}
      <div className={values['groups']}>
        <div className={classes['groupsBar']}>
          <h3>Groups</h3>
          <Button variant="default" leftSection={<IconPlus size={14} />} onClick={create}>
            New group
          </Button>
        </div>
        <SmallTable
          label="Groups"
          head={['Group', 'Consumers', 'Pending', 'Lag', 'Last delivered', '']}
          numbers={[1, 2, 3]}
          rows={groups.data.map((one) => ({
            key: wireKey(one.name),
            chosen: one === group,
            cells: [
              <button key="name" type="button" className={values['link']} aria-pressed={one === group} onClick={() => setChosen(one.name)}>
                <WireText value={one.name} limit={80} />
              </button>,
              formatExact(one.consumers),
              formatExact(one.pending),
              one.lag === null ? 'unknown' : formatExact(one.lag),
              <span key="id" className="la-mono">
                {one.lastDeliveredId}
              </span>,
              <GroupMenu key="menu" name={one.name} lastDeliveredId={one.lastDeliveredId} onAct={setAsked} />,
            ],
          }))}
        />
        <StuckConsumers where={where} groups={groups.data} round={now} onAct={setAsked} />
        <GroupParts key={wireKey(group.name)} where={where} group={group.name} round={now} onAct={setAsked} />
      </div>
      {dialog}
    </>
  );
}

function GroupMenu({ name, lastDeliveredId, onAct }: { name: WireBytes; lastDeliveredId: string; onAct: (action: StreamAction) => void }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <IconButton label={`Actions of the group ${wireLabel(name, 40)}`} icon={<IconDots size={14} />} />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => onAct({ do: 'autoclaim', group: name, consumer: '', minIdleMs: 60_000 })}>Claim idle entries…</Menu.Item>
        <Menu.Item onClick={() => onAct({ do: 'groupSetId', group: name, id: lastDeliveredId })}>Set position…</Menu.Item>
        <Menu.Divider />
        <Menu.Item color="red" onClick={() => onAct({ do: 'groupDestroy', group: name })}>
          Destroy group…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

interface GroupProps {
  where: StreamPlace;
  group: WireBytes;
  round: number;
  onAct: (action: StreamAction) => void;
}

/** The consumers of a group and what is pending in it. */
function GroupParts({ where, group, round, onAct }: GroupProps) {
  const { orpc } = useHost();
  const input = { ...where, group };
  const consumers = useQuery({ ...orpc.values.streamConsumers.queryOptions({ input }), queryKey: [...orpc.values.streamConsumers.queryKey({ input }), round], staleTime: 0, placeholderData: (before) => before });
  return (
    <>
    <section>
      <div className={classes['groupsBar']}>
        <h3>
          Consumers of <WireText value={group} limit={80} />
        </h3>
      </div>
      {consumers.error && <ProblemView problem={toProblem(consumers.error)} onRetry={() => void consumers.refetch()} />}
      {consumers.data?.length === 0 && <p className={values['none']}>No consumers.</p>}
      {consumers.data !== undefined && consumers.data.length > 0 && (
        <SmallTable
          label="Consumers"
          head={['Consumer', 'Pending', 'Idle', 'Inactive', '']}
          numbers={[1, 2, 3]}
          rows={consumers.data.map((one) => ({
            key: wireKey(one.name),
            cells: [
              <WireText key="name" value={one.name} limit={80} />,
              formatExact(one.pending),
              formatDuration(one.idleMs),
              one.inactiveMs === null ? 'unknown' : formatDuration(one.inactiveMs),
              <Menu key="menu" position="bottom-end">
                <Menu.Target>
                  <IconButton label={`Actions of the consumer ${wireLabel(one.name, 40)}`} icon={<IconDots size={14} />} />
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item onClick={() => onAct({ do: 'autoclaim', group, consumer: one.name, minIdleMs: 60_000 })}>Claim idle entries for it…</Menu.Item>
                  <Menu.Item color="red" onClick={() => onAct({ do: 'consumerDelete', group, consumer: one.name })}>
                    Delete consumer…
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>,
            ],
          }))}
        />
      )}
    </section>
    <PendingEntries where={where} group={group} consumers={consumers.data?.map(({ name }) => name) ?? []} round={round} onAct={onAct} />
    </>
  );
}
