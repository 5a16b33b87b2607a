import type { WireBytes } from '../../../../../shared/bytes.ts';
import { wireLabel } from '../../../../lib/wire-text.ts';
import { ConfirmDialog } from '../../../../ui/confirm-dialog.tsx';

/** Asks before a key with unsaved changes is left. They are kept, and stand there again when the key is opened anew. */
export function LeaveDialog({ name, onStay, onLeave }: { name: WireBytes | null; onStay: () => void; onLeave: () => void }) {
  return (
    <ConfirmDialog opened={name !== null} onClose={onStay} title="Unsaved changes" cancelLabel="Stay" confirmLabel="Leave, keep the draft" onConfirm={onLeave}>
      {name === null ? '' : wireLabel(name, 120)} has changes that are not saved. They are kept until this page is closed: opening the key again shows them.
    </ConfirmDialog>
  );
}
