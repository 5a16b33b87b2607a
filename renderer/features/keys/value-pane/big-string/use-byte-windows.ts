import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { fromWire } from '../../../../../shared/bytes.ts';
import { useHost } from '../../../../lib/host.ts';
import { useKeysPlace } from '../../keys-context.ts';
import type { ValueProps } from '../value-body.tsx';
import { ByteWindows } from './byte-windows.ts';

/** The windows of the open string; read again with the key. `onGone` is told when it is no string any more. */
export function useByteWindows({ facts, round, onGone }: ValueProps): ByteWindows {
  const { client } = useHost();
  const { workspaceId, db } = useKeysPlace();
  const { name } = facts;
  const windows = useMemo(
    () =>
      new ByteWindows(facts.length ?? 0, async (from, bytes, signal) => {
        const page = await client.values.page({ workspaceId, db, name, type: 'string', count: 1, from, bytes }, { signal });
        return page.type === 'string' ? { bytes: fromWire(page.chunk), total: page.total } : { bytes: new Uint8Array(), total: 0 };
      }),
    // The length is that of the first facts; a refresh brings the next.
    // oxlint-disable-next-line react/exhaustive-deps
    [client, workspaceId, db, name],
  );
  const seen = useRef({ round, readAt: facts.readAt });
  useEffect(() => {
    // The facts of a round come after it has begun.
    const { current } = seen;
    if (current.round === round || current.readAt === facts.readAt) return;
    seen.current = { round, readAt: facts.readAt };
    windows.refresh(facts.length ?? 0);
  }, [windows, round, facts.readAt, facts.length]);
  useEffect(() => () => windows.close(), [windows]);
  useSyncExternalStore(windows.subscribe, () => windows.version);
  const code = windows.problem?.code;
  useEffect(() => {
    if (code === 'KEY_GONE' || code === 'REDIS_WRONG_TYPE') onGone();
  }, [code, onGone]);
  return windows;
}
