import type { StreamAction } from '../../../../../shared/contract/value-work.ts';
import { formatDuration, formatExact, plural } from '../../../../lib/format.ts';
import { wireLabel } from '../../../../lib/wire-text.ts';

export interface ActionWords {
  title: string;
  /** What exactly will happen. */
  effect: string;
  /** The verb and its object. */
  confirm: string;
  danger: boolean;
}

/** What an action does, for the dialog that asks for it. */
export function actionWords(action: StreamAction): ActionWords {
  const group = 'group' in action ? wireLabel(action.group, 60) : '';
  switch (action.do) {
    case 'ack':
      return {
        title: 'Acknowledge pending entries',
        effect: `XACK removes ${plural(action.ids.length, 'entry', 'entries')} from the pending list of the group ${group}. The group does not deliver them again. The entries stay in the stream.`,
        confirm: `Acknowledge ${plural(action.ids.length, 'entry', 'entries')}`,
        danger: false,
      };
    case 'claim':
      return {
        title: 'Claim pending entries',
        effect: `XCLAIM gives ${plural(action.ids.length, 'entry', 'entries')} of the group ${group} to another consumer, where they have been idle long enough. That consumer has to read its pending entries to get them.`,
        confirm: `Claim ${plural(action.ids.length, 'entry', 'entries')}`,
        danger: false,
      };
    case 'autoclaim':
      return {
        title: 'Claim what is idle',
        effect: `XAUTOCLAIM gives entries of the group ${group} that have been idle long enough to one consumer, 500 at a time. Pending entries that were deleted from the stream are dropped from the list.`,
        confirm: 'Claim idle entries',
        danger: false,
      };
    case 'groupCreate':
      return { title: 'New consumer group', effect: 'XGROUP CREATE makes a group that reads on after this id. 0 is the beginning of the stream, $ its end.', confirm: 'Create group', danger: false };
    case 'groupSetId':
      return {
        title: `Set the position of ${group}`,
        effect: 'XGROUP SETID moves the last delivered id. Entries after it are delivered (again); entries up to it are not delivered any more. What is pending stays pending.',
        confirm: `Set position of ${group}`,
        danger: true,
      };
    case 'groupDestroy':
      return { title: `Destroy the group ${group}`, effect: 'XGROUP DESTROY removes the group with its consumers and everything that is pending in it. The entries stay in the stream. This cannot be undone.', confirm: `Destroy ${group}`, danger: true };
    case 'consumerDelete':
      return {
        title: `Delete the consumer ${wireLabel(action.consumer, 60)}`,
        effect: `XGROUP DELCONSUMER removes it from the group ${group} with what is pending for it: those entries can no longer be claimed and are not delivered again. Claim them first if they still matter.`,
        confirm: `Delete ${wireLabel(action.consumer, 40)}`,
        danger: true,
      };
    case 'trim':
      return { title: 'Trim the stream', effect: 'XTRIM removes the oldest entries, in steps of at most 10,000. This cannot be undone.', confirm: action.to.by === 'length' ? `Trim to ${plural(action.to.keep, 'entry', 'entries')}` : `Remove entries before ${action.to.from}`, danger: true };
  }
}

/** What came of an action, in words. */
export function outcomeWords(action: StreamAction, affected: number, left: string | null): string {
  const entries = plural(affected, 'entry', 'entries');
  switch (action.do) {
    case 'ack':
      return affected === action.ids.length ? `Acknowledged ${entries}.` : `Acknowledged ${entries} of ${formatExact(action.ids.length)}: the others were not pending any more.`;
    case 'claim':
      return affected === action.ids.length ? `Claimed ${entries}.` : `Claimed ${entries} of ${formatExact(action.ids.length)}: the others were not idle for ${formatDuration(action.minIdleMs)} or not pending any more.`;
    case 'autoclaim':
      return `Claimed ${entries}.${left === null ? ' All pending entries were looked at.' : ' More may be idle: claim again.'}`;
    case 'groupCreate':
      return 'The group was created.';
    case 'groupSetId':
      return 'The position of the group was set.';
    case 'groupDestroy':
      return affected === 0 ? 'The group did not exist any more.' : 'The group was destroyed.';
    case 'consumerDelete':
      return `The consumer was deleted with ${plural(affected, 'pending entry', 'pending entries')}.`;
    case 'trim':
      return `Removed ${entries}.`;
  }
}
