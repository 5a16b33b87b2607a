import { toWire, wireKey, type WireBytes } from '../../../../../shared/bytes.ts';
import type { HostClient } from '../../../../../shared/contract/contract.ts';
import type { EditResult } from '../../../../../shared/contract/edit.ts';
import type { Cut } from '../../../../../shared/contract/values.ts';
import { wireLabel } from '../../../../lib/wire-text.ts';
import { draftId } from './draft-store.ts';

/** What is edited of a collection: the row as it was read. */
export interface ElementAt {
  readonly workspaceId: string;
  readonly db: number;
  readonly name: WireBytes;
  readonly type: string;
  /** Field of a hash, index of a list, member of a set or sorted set, entry id of a stream. */
  readonly id: WireBytes;
  /** The whole length of an id that was cut. */
  readonly idBytes: number | null;
  /** Of a sorted set's member, as it was read. */
  readonly score: string | null;
}

export function elementDraft({ name, type, id }: Pick<ElementAt, 'name' | 'type' | 'id'>): string {
  return draftId(name, `element ${type} ${wireKey(id)}`);
}

/** Why an element cannot be edited; empty when it can. */
export function whyFixed({ type, idBytes }: Pick<ElementAt, 'type' | 'idBytes'>): string {
  if (type === 'stream') return 'Entries of a stream never change';
  if (type === 'hash' && idBytes !== null) return 'The name of the field is too long to be edited here';
  return '';
}

/** How the element is called in a sentence. */
export function elementLabel({ type, id, score }: Pick<ElementAt, 'type' | 'id' | 'score'>): string {
  if (type === 'hash') return `field ${wireLabel(id, 40)}`;
  if (type === 'list') return `element ${typeof id === 'string' ? id : ''}`;
  if (type === 'stream') return `entry ${typeof id === 'string' ? id : ''}`;
  return score === null ? 'member' : `member with score ${score}`;
}

const indexOf = (id: WireBytes): number => Number(typeof id === 'string' ? id : '0');

/** The whole of what a page cut. */
export async function wholeElement(client: HostClient, element: ElementAt, value: Cut): Promise<WireBytes> {
  if (!value.truncated) return value.data;
  const { workspaceId, db, name, type, id, idBytes } = element;
  return (await client.values.element({ workspaceId, db, name, type, id, ...(idBytes === null ? {} : { bytes: idBytes }) })).data;
}

/** Writes `value` in the place of `expect`. */
export function saveElement(client: HostClient, element: ElementAt, expect: Uint8Array, value: Uint8Array): Promise<EditResult> {
  const { workspaceId, db, name, type, id, score } = element;
  const where = { workspaceId, db, name };
  const before = toWire(expect);
  const after = toWire(value);
  switch (type) {
    case 'hash':
      return client.edit.hashField({ ...where, change: { kind: 'set', field: id, expect: before, value: after } });
    case 'list':
      return client.edit.listElement({ ...where, change: { kind: 'set', index: indexOf(id), expect: before, value: after } });
    case 'set':
      return client.edit.setMember({ ...where, change: { kind: 'replace', member: before, to: after } });
    default:
      return client.edit.zsetMember({ ...where, change: { kind: 'rename', member: before, expect: score ?? '0', to: after } });
  }
}

/** Removes the element, only if it is as it was read. */
export async function removeElement(client: HostClient, element: ElementAt, value: Cut): Promise<EditResult> {
  const { workspaceId, db, name, type, id, score } = element;
  const where = { workspaceId, db, name };
  switch (type) {
    case 'stream':
      return client.edit.streamEntry({ ...where, change: { kind: 'remove', id: typeof id === 'string' ? id : '' } });
    case 'hash':
      return client.edit.hashField({ ...where, change: { kind: 'remove', field: id, expect: await wholeElement(client, element, value) } });
    case 'list':
      return client.edit.listElement({ ...where, change: { kind: 'remove', index: indexOf(id), expect: await wholeElement(client, element, value) } });
    case 'set':
      return client.edit.setMember({ ...where, change: { kind: 'remove', member: await wholeElement(client, element, value) } });
    default:
      return client.edit.zsetMember({ ...where, change: { kind: 'remove', member: await wholeElement(client, element, value), expect: score ?? '0' } });
  }
}

