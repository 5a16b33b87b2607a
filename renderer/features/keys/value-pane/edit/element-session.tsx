import { useHost } from '../../../../lib/host.ts';
import { EditSession } from './edit-session.tsx';
import { elementDraft, elementLabel, saveElement } from './element-edits.ts';
import { useElements, type ElementRow } from './use-element.ts';

/** The edit of one element, in the drawer. */
export function ElementSession({ row, hasTtl, onSaved }: { row: ElementRow; hasTtl: boolean; onSaved: () => void }) {
  const { client } = useHost();
  const { at } = useElements();
  return (
    <EditSession
      session={{
        id: elementDraft(row),
        name: row.name,
        label: elementLabel(row),
        keeps: hasTtl ? 'field TTL kept' : row.type === 'zset' ? 'score kept' : 'expiry kept',
        fixedLength: false,
        save: (expect, value) => saveElement(client, at(row), expect, value),
      }}
      onClose={onSaved}
    />
  );
}
