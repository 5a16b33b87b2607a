import { Button } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { runCommand } from '../../../lib/commands.ts';
import { useInvalidatePlace } from '../place.ts';
import { Notice } from '../step.tsx';

/** Says that writes are refused, with the way to allow them for a time. */
export function LockNotice() {
  const { readOnly, workspaceName } = useInvalidatePlace();
  if (!readOnly) return null;
  return (
    <Notice
      tone="amber"
      icon={<IconLock size={15} aria-hidden />}
      title={`${workspaceName} is read-only`}
      actions={
        <Button variant="default" size="compact-xs" onClick={() => runCommand('connection.unlock')}>
          Unlock…
        </Button>
      }
    >
      Counting changes nothing and works. Carrying it out needs an unlock for a time, with a reason.
    </Notice>
  );
}
