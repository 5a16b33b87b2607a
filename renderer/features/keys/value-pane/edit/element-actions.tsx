import { IconArrowBarDown, IconCursorText, IconPencil, IconSortAscendingNumbers, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { Cut } from '../../../../../shared/contract/values.ts';
import { IconButton } from '../../../../ui/icon-button.tsx';
import { useEdits } from './edits-context.ts';
import { whyFixed } from './element-edits.ts';
import { ElementDialogs, type ElementDialog } from './element-form.tsx';
import { useElements, type ElementRow } from './use-element.ts';

const icon = { size: 14 };

/** What can be done with the element that is open. `value` is the whole of it, or `null` until it has been read. */
export function ElementActions({ row, value, onGone }: { row: ElementRow; value: Cut | null; onGone: () => void }) {
  const edits = useEdits();
  const elements = useElements();
  const [dialog, setDialog] = useState<ElementDialog | null>(null);
  const fixed = edits.blocked !== '' ? edits.blocked : value === null ? 'The element is being read' : whyFixed(row);
  const off = fixed !== '';
  const label = (words: string): string => (off ? `${words}: ${fixed.charAt(0).toLowerCase()}${fixed.slice(1)}` : words);
  const ask = (kind: 'rename-field' | 'score' | 'insert') => () => {
    if (value !== null) setDialog({ kind, element: elements.at(row), value: value.data });
  };
  const removable = edits.blocked === '' && value !== null;
  return (
    <>
      {row.type !== 'stream' && (
        <IconButton label={label('Edit')} {...(off ? {} : { shortcut: 'f2' })} icon={<IconPencil {...icon} />} disabled={off} onClick={() => value !== null && void elements.begin(row, value)} />
      )}
      {row.type === 'hash' && <IconButton label={label('Rename the field')} icon={<IconCursorText {...icon} />} disabled={off} onClick={ask('rename-field')} />}
      {row.type === 'zset' && <IconButton label={label('Change the score')} icon={<IconSortAscendingNumbers {...icon} />} disabled={off} onClick={ask('score')} />}
      {row.type === 'list' && <IconButton label={label('Insert an element beside it')} icon={<IconArrowBarDown {...icon} />} disabled={off} onClick={ask('insert')} />}
      <IconButton
        label={removable ? 'Remove' : label('Remove')}
        {...(removable ? { shortcut: 'delete' } : {})}
        icon={<IconTrash {...icon} />}
        disabled={!removable}
        onClick={() => {
          if (value !== null) void elements.remove(row, value).then((gone) => gone && onGone());
        }}
      />
      <ElementDialogs dialog={dialog} onClose={() => setDialog(null)} />
    </>
  );
}
