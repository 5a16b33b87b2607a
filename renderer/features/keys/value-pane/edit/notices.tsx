import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { createElement, type ReactNode } from 'react';
import { Keys } from '../../../../ui/kbd.tsx';

/** How long the way back is offered; the list of edits offers it after that. ms. */
const undoTimeMs = 15_000;

function Notice({ text, note, action }: { text: string; note: string; action: ReactNode }) {
  return (
    <Group gap={8} justify="space-between" wrap="nowrap">
      <span style={{ overflowWrap: 'anywhere' }}>
        {text}
        {note !== '' && <div>{note}</div>}
      </span>
      {action}
    </Group>
  );
}

let shown = '';

/** What was done, and the way back; in the place of what was said before. Beside the value, so that it covers no button of an edit. */
export function tellDone(id: string, text: string, note: string, onUndo: (() => void) | null): void {
  const action =
    onUndo === null ? null : (
      <Button variant="default" style={{ flex: 'none' }} rightSection={<Keys shortcut="mod+z" />} onClick={onUndo}>
        Undo
      </Button>
    );
  notifications.hide(shown);
  shown = id;
  notifications.show({ id, position: 'bottom-left', autoClose: onUndo === null ? 6000 : undoTimeMs, message: createElement(Notice, { text, note, action }) });
}

export function tellReadOnly(reason: string, onUnlock: () => void): void {
  const action = (
    <Button
      variant="default"
      style={{ flex: 'none' }}
      onClick={() => {
        notifications.hide('edit.read-only');
        onUnlock();
      }}
    >
      Unlock
    </Button>
  );
  notifications.show({ id: 'edit.read-only', position: 'bottom-left', autoClose: 8000, message: createElement(Notice, { text: reason, note: '', action }) });
}
