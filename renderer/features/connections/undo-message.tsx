import { Button, Group } from '@mantine/core';
import { Keys } from '../../ui/kbd.tsx';

/** What was done, and the way back. */
export function UndoMessage({ text, onUndo }: { text: string; onUndo: () => void }) {
  return (
    <Group gap={8} justify="space-between" wrap="nowrap">
      <span>{text}</span>
      <Button variant="default" rightSection={<Keys shortcut="mod+z" />} onClick={onUndo}>
        Undo
      </Button>
    </Group>
  );
}
