import { Button } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useState } from 'react';
import type { WireBytes } from '../../../../../shared/bytes.ts';
import { useCommands } from '../../../../lib/commands.ts';
import { useHost } from '../../../../lib/host.ts';
import { IconButton } from '../../../../ui/icon-button.tsx';
import { Keys } from '../../../../ui/kbd.tsx';
import { tellProblem } from '../../../../ui/tell-problem.ts';
import { useKeysPlace } from '../../keys-context.ts';
import { useBeginString } from './edited-value.tsx';
import { useEdits } from './edits-context.ts';
import { tellReadOnly } from './notices.tsx';
import { readWhole } from './read-whole.ts';

interface EditStringProps {
  name: WireBytes;
  /** What is in view. */
  bytes: Uint8Array;
  from: number;
  total: number;
  whole: boolean;
  /** The value is edited decoded; this is the other way. */
  second: boolean;
}

/** Up to here a string is edited as a whole; a larger one window by window, bytes. */
const maxWhole = 1024 * 1024;

/** The way into the edit of a string. */
export function EditString({ name, bytes, from, total, whole, second }: EditStringProps) {
  const { client } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const edits = useEdits();
  const begin = useBeginString(name);
  const [loading, setLoading] = useState(false);
  const windowed = total > maxWhole;
  const start = async () => {
    if (edits.blocked !== '') return tellReadOnly(edits.blocked, edits.unlock);
    if (windowed) return begin(bytes, { from, total });
    if (whole) return begin(bytes, null);
    setLoading(true);
    try {
      begin(await readWhole(client, { workspaceId, db, name }, total), null);
    } catch (error) {
      tellProblem(error);
    } finally {
      setLoading(false);
    }
  };
  useCommands([{ id: 'edit.value', title: windowed ? 'Edit this window of the value' : 'Edit the value', group: 'Value', keywords: 'change write', shortcut: 'e', run: () => void start() }]);
  if (second) {
    return <IconButton label={edits.blocked === '' ? 'Edit the stored bytes' : edits.blocked} shortcut="e" icon={<IconPencil size={14} />} disabled={edits.blocked !== '' || loading} onClick={() => void start()} />;
  }
  return (
    <Button
      variant="default"
      style={{ flex: 'none' }}
      leftSection={<IconPencil size={14} />}
      rightSection={<Keys shortcut="e" />}
      loading={loading}
      disabled={edits.blocked !== ''}
      title={edits.blocked !== '' ? edits.blocked : windowed ? 'Above 1 MiB a window is edited in place: the same number of bytes' : undefined}
      onClick={() => void start()}
    >
      {windowed ? 'Edit window' : 'Edit'}
    </Button>
  );
}
