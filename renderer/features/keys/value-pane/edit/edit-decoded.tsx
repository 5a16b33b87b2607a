import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPencilCode } from '@tabler/icons-react';
import { useState } from 'react';
import type { DecodedValue } from '../../../../../shared/contract/decode.ts';
import { useCommands } from '../../../../lib/commands.ts';
import { useHost } from '../../../../lib/host.ts';
import { shortcutKeys } from '../../../../lib/shortcut-keys.ts';
import { IconButton } from '../../../../ui/icon-button.tsx';
import { tellProblem } from '../../../../ui/tell-problem.ts';
import { chainWords } from '../decoded/chain-words.ts';
import { useEdits } from './edits-context.ts';
import { offerOf, unwrapped } from './layered.ts';
import { tellReadOnly } from './notices.tsx';

const shortcut = 'shift+e';

interface EditDecodedProps {
  /** Where the draft is kept. */
  id: string;
  value: DecodedValue;
  /** Reads the stored bytes, all of them. */
  read: () => Promise<Uint8Array>;
}

/** The way into the edit of what a value says, behind its layers; with the reason where it is only read. */
export function EditDecoded({ id, value, read }: EditDecodedProps) {
  const { client } = useHost();
  const edits = useEdits();
  const [loading, setLoading] = useState(false);
  const offer = offerOf(value);
  const start = async () => {
    if (edits.blocked !== '') return tellReadOnly(edits.blocked, edits.unlock);
    if (offer.kind !== 'offered' || edits.drafts.get(id) !== null) return;
    setLoading(true);
    try {
      const opened = await unwrapped(client, await read(), offer.codecs);
      if (opened.kind === 'closed') notifications.show({ id: 'edit.layers', title: 'Only the stored bytes can be edited', message: opened.reason });
      else edits.drafts.set(id, { base: opened.side.inner, bytes: opened.side.inner, layered: opened.layered });
    } catch (error) {
      tellProblem(error);
    } finally {
      setLoading(false);
    }
  };
  useCommands([{ id: 'edit.decoded', title: 'Edit the decoded value', group: 'Value', keywords: 'change write layers', shortcut, enabled: offer.kind === 'offered', run: () => void start() }]);
  if (offer.kind === 'none') return null;
  if (offer.kind === 'refused') {
    return <IconButton label={`Edit decoded (${offer.reason})`} icon={<IconPencilCode size={14} />} disabled />;
  }
  return (
    <Button
      variant="default"
      style={{ flex: 'none' }}
      leftSection={<IconPencilCode size={14} />}
      loading={loading}
      disabled={edits.blocked !== ''}
      title={edits.blocked === '' ? `Edit what stands behind ${chainWords(offer.codecs)} (${shortcutKeys(shortcut).join(' ')})` : edits.blocked}
      onClick={() => void start()}
    >
      Edit decoded
    </Button>
  );
}
