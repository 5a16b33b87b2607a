import { Button, NumberInput, Popover } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { formatBytes, formatExact } from '../../lib/format.ts';
import { useHost } from '../../lib/host.ts';
import { tellProblem } from '../tell-problem.ts';
import classes from './bulk.module.css';

const mib = 1024 * 1024;

/** How much room the journals take, how much they may, and for how long they are kept. */
export function JournalQuota() {
  const { client, orpc } = useHost();
  const queryClient = useQueryClient();
  const { data } = useQuery(orpc.bulk.journalQuota.queryOptions({ refetchInterval: 5000 }));
  const [opened, setOpened] = useState(false);
  const [size, setSize] = useState<number | string>('');
  const [days, setDays] = useState<number | string>('');
  if (data === undefined) return null;
  const { quota, usedBytes } = data;
  const open = () => {
    setSize(Math.round(quota.bytes / mib));
    setDays(quota.days);
    setOpened(true);
  };
  const valid = typeof size === 'number' && size >= 1 && typeof days === 'number' && days >= 1;
  const save = () => {
    if (!valid) return;
    client.bulk.setJournalQuota({ bytes: Math.round(size * mib), days }).then(() => {
      setOpened(false);
      void queryClient.invalidateQueries({ queryKey: orpc.bulk.key() });
    }, tellProblem);
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={280} trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default" onClick={() => (opened ? setOpened(false) : open())}>
          Journals: {formatBytes(usedBytes)} of {formatBytes(quota.bytes)}, kept {formatExact(quota.days)} d
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Quota of the journals">
        <div className={classes['stack']}>
          <NumberInput label="Room for journals, MiB" min={1} max={1_000_000} allowDecimal={false} value={size} onChange={setSize} />
          <NumberInput label="Kept for, days" min={1} max={3650} value={days} onChange={setDays} />
          <Button disabled={!valid} onClick={save}>
            Save the quota
          </Button>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
