import { Button, Group, Modal } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { Problem } from '../../shared/contract/errors.ts';
import { toProblem } from '../lib/to-problem.ts';
import { ProblemView } from './problem-view.tsx';

interface ConfirmDialogProps {
  opened: boolean;
  onClose: () => void;
  title: string;
  /** What exactly will happen. */
  children: ReactNode;
  /** The verb and its object: `Remove prod-cache`. Never "OK" or "Yes". */
  confirmLabel: string;
  cancelLabel?: string;
  danger?: boolean;
  /** The dialog closes when it resolves, and shows the problem when it rejects. */
  onConfirm: () => Promise<void> | void;
}

/** Asks before something that is hard to take back. Cancel has the focus; an error stays in the dialog that caused it. */
export function ConfirmDialog({ opened, onClose, title, children, confirmLabel, cancelLabel = 'Cancel', danger = false, onConfirm }: ConfirmDialogProps) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const close = () => {
    setProblem(null);
    onClose();
  };
  const confirm = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await onConfirm();
      close();
    } catch (error) {
      setProblem(toProblem(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened={opened} onClose={close} title={title} size={460}>
      {children}
      {problem && <ProblemView problem={problem} />}
      <Group justify="flex-end" gap={8} mt={16}>
        <Button variant="default" data-autofocus onClick={close}>
          {cancelLabel}
        </Button>
        <Button color={danger ? 'red' : 'accent'} loading={busy} onClick={() => void confirm()}>
          {confirmLabel}
        </Button>
      </Group>
    </Modal>
  );
}
