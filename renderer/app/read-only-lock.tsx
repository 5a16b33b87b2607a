import { Button, Chip, Group, Modal, NumberInput, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { IconLock, IconLockOpen2 } from '@tabler/icons-react';
import { useState } from 'react';
import type { RedisStatus } from '../../shared/contract/connections.ts';
import type { Problem } from '../../shared/contract/errors.ts';
import type { Workspace } from '../../shared/contract/workspaces.ts';
import { useCommands } from '../lib/commands.ts';
import { formatDateTime, formatDuration } from '../lib/format.ts';
import { useHost } from '../lib/host.ts';
import { useNow } from '../lib/now.ts';
import { toProblem } from '../lib/to-problem.ts';
import { FactList } from '../ui/fact-list.tsx';
import { ProblemView } from '../ui/problem-view.tsx';
import { StatusItem } from './status-item.tsx';
import classes from './status-bar.module.css';

const choices = [5, 15, 60];
const longest = 240;
const shortestReason = 3;

function UnlockForm({ workspace, onDone }: { workspace: Workspace; onDone: () => void }) {
  const { client } = useHost();
  const [minutes, setMinutes] = useState<number | string>(15);
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const amount = typeof minutes === 'number' ? minutes : Number.NaN;
  const minutesError = Number.isInteger(amount) && amount >= 1 && amount <= longest ? null : `Between 1 and ${longest} minutes`;
  const reasonError = reason.trim().length >= shortestReason ? null : 'Say why in a few words';

  const unlock = async () => {
    setTried(true);
    if (minutesError !== null || reasonError !== null) return;
    setBusy(true);
    setProblem(null);
    try {
      await client.connections.unlock({ workspaceId: workspace.id, minutes: amount, reason: reason.trim() });
      onDone();
    } catch (error) {
      setProblem(toProblem(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void unlock();
      }}
    >
      <p>
        {workspace.name} is read-only. Unlocking lets commands that write through for a time; then it locks again by itself. The reason goes to the audit journal.
      </p>
      <Group gap={6} align="flex-end">
        <NumberInput label="Minutes" w={110} min={1} max={longest} allowDecimal={false} value={minutes} onChange={setMinutes} error={tried && minutesError} />
        {choices.map((choice) => (
          <Chip key={choice} size="sm" radius="sm" checked={minutes === choice} onChange={() => setMinutes(choice)}>
            {choice} min
          </Chip>
        ))}
      </Group>
      <Textarea
        label="Reason"
        placeholder="For example: clear stale prices after the import"
        autosize
        minRows={2}
        maxRows={5}
        mt={8}
        maxLength={500}
        value={reason}
        data-autofocus
        onChange={(event) => setReason(event.currentTarget.value)}
        error={tried && reasonError}
      />
      {problem !== null && <ProblemView problem={problem} />}
      <Group justify="flex-end" gap={8} mt={16}>
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
        <Button type="submit" loading={busy} color={workspace.environment === 'production' ? 'red' : 'accent'}>
          {minutesError === null ? `Unlock ${workspace.name} for ${amount} min` : `Unlock ${workspace.name}`}
        </Button>
      </Group>
    </form>
  );
}

/** Says whether writes pass; unlocks for a time with a reason, and locks again. */
export function ReadOnlyLock({ workspace, readOnly }: { workspace: Workspace; readOnly: RedisStatus['readOnly'] }) {
  const { client } = useHost();
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const until = readOnly.unlockedUntil;
  const now = useNow(until === null ? null : 1000);
  const lock = (close: () => void) => {
    setProblem(null);
    client.connections.lock({ workspaceId: workspace.id }).then(
      () => {
        close();
        void queryClient.invalidateQueries();
      },
      (error: unknown) => setProblem(toProblem(error)),
    );
  };
  const nothing = () => undefined;
  useCommands([
    { id: 'connection.unlock', title: `Unlock writing on ${workspace.name}`, group: 'Connection', keywords: 'read-only write', enabled: readOnly.active, run: () => setAsking(true) },
    { id: 'connection.lock', title: `Lock ${workspace.name} (read-only)`, group: 'Connection', keywords: 'read-only write', enabled: until !== null, run: () => lock(nothing) },
  ]);

  const left = until === null ? null : formatDuration(Math.max(0, Math.floor((until - now) / 1000) * 1000));
  const label = readOnly.active ? 'Read-only: writes are refused' : left === null ? 'Writable' : `Unlocked for writing, ${left} left`;
  return (
    <>
      <StatusItem
        label={label}
        tone={!readOnly.active && workspace.environment === 'production' ? 'red' : until === null ? undefined : 'amber'}
        panel={(close) => (
          <>
            <h2 className={classes['heading']}>{label}</h2>
            {until !== null && (
              <FactList
                facts={[
                  ['Until', formatDateTime(until)],
                  ['Reason', readOnly.unlockReason],
                ]}
              />
            )}
            <p className={classes['note']}>
              {readOnly.active
                ? 'Every command that the server does not mark as reading is refused before it is sent.'
                : 'Commands that write are let through.'}
            </p>
            {problem !== null && <ProblemView problem={problem} />}
            {!readOnly.active && until === null && <p className={classes['note']}>Edit the connection to make it read-only.</p>}
            {readOnly.active && (
              <Button
                variant="default"
                onClick={() => {
                  close();
                  setAsking(true);
                }}
              >
                Unlock for a time
              </Button>
            )}
            {until !== null && (
              <Button variant="default" onClick={() => lock(close)}>
                Lock again
              </Button>
            )}
          </>
        )}
      >
        {readOnly.active ? <IconLock size={13} aria-hidden /> : <IconLockOpen2 size={13} aria-hidden />}
        <span className="la-number">{readOnly.active ? 'Read-only' : left === null ? 'Writable' : `Unlocked, ${left}`}</span>
      </StatusItem>
      <Modal opened={asking} onClose={() => setAsking(false)} title={`Unlock ${workspace.name}`} size={460}>
        <UnlockForm workspace={workspace} onDone={() => setAsking(false)} />
      </Modal>
    </>
  );
}
