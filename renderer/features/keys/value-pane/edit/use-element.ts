import { notifications } from '@mantine/notifications';
import { useSyncExternalStore } from 'react';
import { fromWire } from '../../../../../shared/bytes.ts';
import type { Cut } from '../../../../../shared/contract/values.ts';
import { useHost } from '../../../../lib/host.ts';
import { wireLabel } from '../../../../lib/wire-text.ts';
import { tellProblem } from '../../../../ui/tell-problem.ts';
import { useKeysPlace } from '../../keys-context.ts';
import { tellReadOnly } from './notices.tsx';
import { useEdits } from './edits-context.ts';
import { elementDraft, elementLabel, removeElement, whyFixed, wholeElement, type ElementAt } from './element-edits.ts';

export type ElementRow = Omit<ElementAt, 'workspaceId' | 'db'>;

/** What can be done with rows of a collection. */
export function useElements() {
  const { client } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const edits = useEdits();
  const at = (row: ElementRow): ElementAt => ({ ...row, workspaceId, db });

  const allowed = (reason: string): boolean => {
    if (edits.blocked !== '') tellReadOnly(edits.blocked, edits.unlock);
    else if (reason !== '') notifications.show({ id: 'edit.fixed', message: reason });
    return edits.blocked === '' && reason === '';
  };

  return {
    at,
    /** Begins the edit of an element; what a page cut is read first. */
    begin: async (row: ElementRow, value: Cut): Promise<void> => {
      if (!allowed(whyFixed(row))) return;
      const id = elementDraft(row);
      if (edits.drafts.get(id) !== null) return;
      try {
        const bytes = fromWire(await wholeElement(client, at(row), value));
        edits.drafts.set(id, { base: bytes, bytes });
      } catch (error) {
        tellProblem(error);
      }
    },
    /** Removes an element at once: it can be taken back. */
    remove: async (row: ElementRow, value: Cut): Promise<boolean> => {
      if (!allowed('')) return false;
      try {
        const result = await edits.run({ done: `Removed the ${elementLabel(row)} of ${wireLabel(row.name, 60)}`, call: () => removeElement(client, at(row), value), names: [row.name] });
        if (result.outcome === 'conflict' || result.outcome === 'notApplied') {
          notifications.show({ color: 'red', title: 'Not removed', message: `${result.reason}. Read the key again and look.` });
        }
        return result.outcome === 'applied';
      } catch (error) {
        tellProblem(error);
        return false;
      }
    },
  };
}

/** Whether this element is being edited. */
export function useElementEditing(row: Pick<ElementAt, 'name' | 'type' | 'id'>): boolean {
  const { drafts } = useEdits();
  return useSyncExternalStore(drafts.subscribe, () => drafts.get(elementDraft(row)) !== null);
}
