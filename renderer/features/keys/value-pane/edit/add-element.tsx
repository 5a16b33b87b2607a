import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { WireBytes } from '../../../../../shared/bytes.ts';
import { useEdits } from './edits-context.ts';
import { ElementDialogs, type ElementDialog } from './element-form.tsx';

/** The way to a new element of a collection. */
export function AddElement({ name, type, unit }: { name: WireBytes; type: string; unit: string }) {
  const edits = useEdits();
  const [dialog, setDialog] = useState<ElementDialog | null>(null);
  return (
    <>
      <Button variant="default" leftSection={<IconPlus size={14} />} disabled={edits.blocked !== ''} title={edits.blocked || undefined} onClick={() => setDialog({ kind: 'add', name, type })}>
        Add {unit}
      </Button>
      <ElementDialogs dialog={dialog} onClose={() => setDialog(null)} />
    </>
  );
}
