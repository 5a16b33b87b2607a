import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { CreateForm } from './create-form.tsx';
import type { KeyDialog } from './edits-context.ts';
import { ExpiryForm } from './expiry-form.tsx';
import { MoveForm } from './move-form.tsx';
import { RecentEdits } from './recent-edits.tsx';
import { RemoveForm } from './remove-form.tsx';

const titles: Record<KeyDialog['kind'], string> = {
  rename: 'Rename the key',
  copy: 'Copy the key',
  expiry: 'Expiry of the key',
  remove: 'Delete the key',
  create: 'New key',
  recent: 'Recent edits',
};

/** Whatever is asked about a key as a whole. What was typed stays while the dialog is open, whatever comes of it. */
export function KeyDialogs({ dialog, onClose }: { dialog: KeyDialog | null; onClose: () => void }) {
  const wide = dialog?.kind === 'recent' ? 860 : dialog?.kind === 'create' ? 620 : 520;
  return (
    <Modal opened={dialog !== null} onClose={onClose} title={dialog === null ? '' : titles[dialog.kind]} size={wide}>
      {dialog !== null && <Content dialog={dialog} onClose={onClose} />}
    </Modal>
  );
}

function Content({ dialog, onClose }: { dialog: KeyDialog; onClose: () => void }): ReactNode {
  switch (dialog.kind) {
    case 'rename':
    case 'copy':
      return <MoveForm kind={dialog.kind} name={dialog.name} onClose={onClose} />;
    case 'expiry':
      return <ExpiryForm name={dialog.name} known={dialog.facts} onClose={onClose} />;
    case 'remove':
      return <RemoveForm name={dialog.name} known={dialog.facts} onClose={onClose} />;
    case 'create':
      return <CreateForm onClose={onClose} />;
    case 'recent':
      return <RecentEdits />;
  }
}
