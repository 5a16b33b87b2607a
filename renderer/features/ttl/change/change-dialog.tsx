import { Modal } from '@mantine/core';
import { useEffect, useState } from 'react';
import { ChangeBody } from './change-body.tsx';
import { shortName } from './use-plan.ts';
import type { ChangeStart } from './change-form.ts';
import { RunPanel } from './run-panel.tsx';

interface ChangeDialogProps {
  /** `null` = closed. A new object begins anew. */
  start: ChangeStart | null;
  onClose: () => void;
  onRun: (runId: string) => void;
}

/** Changes the expiry of many keys: what, preview, confirmation, run. Closing it does not stop a run. */
export function ChangeDialog({ start, onClose, onRun }: ChangeDialogProps) {
  const [running, setRunning] = useState<{ start: ChangeStart; runId: string } | null>(null);
  const list = start?.list;
  useEffect(() => () => list?.close(), [list]);
  const runId = running !== null && running.start === start ? running.runId : null;
  const title = start?.hash !== undefined ? `Change the expiry of fields of ${shortName(start.hash)}` : 'Change the expiry of keys';
  return (
    <Modal opened={start !== null} onClose={onClose} title={title} size={1080} closeOnClickOutside={false}>
      {start !== null &&
        (runId === null ? (
          <ChangeBody
            start={start}
            onClose={onClose}
            onRun={(id) => {
              setRunning({ start, runId: id });
              onRun(id);
            }}
          />
        ) : (
          <RunPanel runId={runId} begun onClose={onClose} />
        ))}
    </Modal>
  );
}
