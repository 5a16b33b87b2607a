import { useEffect } from 'react';
import type { ConnectionSnapshot, RedisFacts } from '../../../shared/contract/connections.ts';
import { useHost } from '../../lib/host.ts';
import { useSnapshotStream } from '../../lib/streams.ts';
import type { Signal } from './signal.ts';

interface FactsFollowerProps {
  workspaceId: string;
  facts: Signal<RedisFacts | null>;
  /** Whether writes are refused now. */
  readOnly: Signal<boolean>;
}

/** Follows the connection and feeds its facts to the signals when they change; draws nothing. */
export function FactsFollower({ workspaceId, facts, readOnly }: FactsFollowerProps) {
  const { client } = useHost();
  const { snapshot } = useSnapshotStream<ConnectionSnapshot>((signal) => client.connections.watch({ workspaceId }, { signal }), [client, workspaceId]);
  const now = snapshot?.redis?.facts ?? null;
  // A snapshot comes several times a second; its facts are mostly the same.
  const text = now === null ? '' : JSON.stringify(now);
  useEffect(() => {
    if (text !== '') facts.set(JSON.parse(text) as RedisFacts);
  }, [text, facts]);
  const locked = snapshot?.redis?.readOnly.active;
  useEffect(() => {
    if (locked !== undefined) readOnly.set(locked);
  }, [locked, readOnly]);
  return null;
}
