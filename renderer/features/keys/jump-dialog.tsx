import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { WireBytes } from '../../../shared/bytes.ts';
import type { Problem } from '../../../shared/contract/errors.ts';
import { toProblem } from '../../lib/to-problem.ts';
import { ProblemView } from '../../ui/problem-view.tsx';
import { nameFromInput } from '../../lib/name-input.ts';

interface JumpDialogProps {
  opened: boolean;
  onClose: () => void;
  /** Looks the name up on the server; `false` when there is no such key. */
  onJump: (name: WireBytes) => Promise<boolean>;
}

/** Opens a key by its exact name, without a scan. */
export function JumpDialog({ opened, onClose, onJump }: JumpDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Jump to an exact name" size={560}>
      {opened && <JumpForm onClose={onClose} onJump={onJump} />}
    </Modal>
  );
}

function JumpForm({ onClose, onJump }: Omit<JumpDialogProps, 'opened'>) {
  const [text, setText] = useState('');
  const [missing, setMissing] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    setBusy(true);
    setProblem(null);
    try {
      if (await onJump(nameFromInput(text))) onClose();
      else setMissing(true);
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
        void submit();
      }}
    >
      <TextInput
        data-autofocus
        label="Key name"
        description={'Exactly as it is, case and spaces included. Names that cannot be typed: in quotes with escapes, as in "\\xff\\n".'}
        value={text}
        error={missing ? 'No key has exactly this name in this database' : undefined}
        classNames={{ input: 'la-mono' }}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => {
          setText(event.currentTarget.value);
          setMissing(false);
        }}
      />
      {problem && <ProblemView problem={problem} />}
      <Group justify="flex-end" gap={8} mt={16}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={busy}>
          Open key
        </Button>
      </Group>
    </form>
  );
}
