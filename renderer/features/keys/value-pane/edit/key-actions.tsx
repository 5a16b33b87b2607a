import { IconClockEdit, IconCopyPlus, IconCursorText, IconTrash } from '@tabler/icons-react';
import type { KeyFacts } from '../../../../../shared/contract/values.ts';
import { IconButton } from '../../../../ui/icon-button.tsx';
import { useEdits } from './edits-context.ts';

const icon = { size: 14 };

/** What can be done with the key as a whole. */
export function KeyActions({ facts }: { facts: KeyFacts }) {
  const edits = useEdits();
  const { name } = facts;
  const off = edits.blocked !== '';
  const label = (words: string): string => (off ? `${words}: the connection is read-only` : words);
  if (facts.type === 'none') return null;
  return (
    <>
      <IconButton label={label('Rename')} {...(off ? {} : { shortcut: 'f2' })} icon={<IconCursorText {...icon} />} disabled={off} onClick={() => edits.ask({ kind: 'rename', name, facts })} />
      <IconButton label={label('Copy to another name')} icon={<IconCopyPlus {...icon} />} disabled={off} onClick={() => edits.ask({ kind: 'copy', name, facts })} />
      <IconButton label={label('Set the expiry')} icon={<IconClockEdit {...icon} />} disabled={off} onClick={() => edits.ask({ kind: 'expiry', name, facts })} />
      <IconButton label={label('Delete')} {...(off ? {} : { shortcut: 'delete' })} icon={<IconTrash {...icon} />} disabled={off} onClick={() => edits.remove(name, facts)} />
    </>
  );
}
