import { useMemo } from 'react';
import type { ConnectionSnapshot, RedisFacts } from '../../shared/contract/connections.ts';
import { formatExact } from './format.ts';
import { useHost } from './host.ts';
import { useSnapshotStream } from './streams.ts';

/** What is known of a workspace's Redis. Both parts keep their identity until they change; a snapshot comes several times a second. */
export function useRedisStatus(workspaceId: string): { facts: RedisFacts | null; readOnly: boolean } {
  const { client } = useHost();
  const { snapshot } = useSnapshotStream<ConnectionSnapshot>((signal) => client.connections.watch({ workspaceId }, { signal }), [client, workspaceId]);
  const facts = snapshot?.redis?.facts ?? null;
  const text = facts === null ? '' : JSON.stringify(facts);
  const steady = useMemo(() => (text === '' ? null : (JSON.parse(text) as RedisFacts)), [text]);
  return { facts: steady, readOnly: snapshot?.redis?.readOnly.active ?? false };
}

/** The databases of a server for a list of choices, with how many keys each holds; the present one is always among them. */
export function databaseChoices(facts: RedisFacts | null, present: number, format: (keys: number) => string = formatExact): { value: string; label: string }[] {
  const keys = new Map(facts?.keyspace.map((one) => [one.db, one.keys]));
  const last = Math.max(present, (facts?.databases ?? 0) - 1, ...keys.keys());
  return Array.from({ length: Math.min(last + 1, 4096) }, (_, db) => {
    const count = keys.get(db);
    return { value: String(db), label: facts === null ? `db ${db}` : `db ${db} · ${count === undefined ? 'empty' : format(count)}` };
  });
}
