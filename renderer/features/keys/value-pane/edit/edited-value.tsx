import { useSyncExternalStore, type ReactNode } from 'react';
import { toWire, type WireBytes } from '../../../../../shared/bytes.ts';
import type { KeyFacts } from '../../../../../shared/contract/values.ts';
import { formatExact } from '../../../../lib/format.ts';
import { useHost } from '../../../../lib/host.ts';
import { useKeysPlace } from '../../keys-context.ts';
import { draftId } from './draft-store.ts';
import { EditSession, type SessionOf } from './edit-session.tsx';
import { useEdits } from './edits-context.ts';
import { expectedString } from './expected.ts';

const whole = 'value';
const windowPart = /^value (\d+) (\d+)$/;

/** Begins the edit of a string: all of it, or a window at `from` of one that is `total` bytes long. */
export function useBeginString(name: WireBytes): (bytes: Uint8Array, window: { from: number; total: number } | null) => void {
  const { drafts } = useEdits();
  return (bytes, window) => {
    const part = window === null ? whole : `${whole} ${window.from} ${window.total}`;
    const id = draftId(name, part);
    if (drafts.get(id) === null) drafts.set(id, { base: bytes, bytes });
  };
}

/** The value, or in its place the edit of it: that stays while the key is read again, also when the key is gone by then. */
export function EditedValue({ facts, children }: { facts: KeyFacts; children: ReactNode }) {
  const { client } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const { drafts } = useEdits();
  const { name } = facts;
  const part = useSyncExternalStore(drafts.subscribe, () => drafts.partOf(name, whole));
  if (part === null) return children;
  const where = { workspaceId, db, name };
  const keeps = facts.type === 'none' ? 'if it is as it was read' : facts.ttlMs === null ? 'no expiry' : 'expiry kept';
  const window = windowPart.exec(part);
  const from = Number(window?.[1] ?? 0);
  const total = Number(window?.[2] ?? 0);
  const session: SessionOf =
    window === null
      ? {
          id: draftId(name, part),
          name,
          label: 'value',
          keeps,
          fixedLength: false,
          save: async (expect, value) => client.edit.setString({ ...where, expect: await expectedString(Uint8Array.from(expect)), value: toWire(value) }),
          recreate: async (value) => client.edit.create({ ...where, value: { type: 'string', value: toWire(value) } }),
        }
      : {
          id: draftId(name, part),
          name,
          label: `window at byte ${formatExact(from)}`,
          keeps,
          fixedLength: true,
          save: async (expect, value) => client.edit.setRange({ ...where, length: total, offset: from, expect: toWire(expect), value: toWire(value) }),
        };
  return <EditSession key={part} session={session} onClose={() => undefined} />;
}
