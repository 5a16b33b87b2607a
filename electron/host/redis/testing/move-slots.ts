import { adminOf } from '../../../demo/servers/redis-admin.ts';
import type { RunningCluster } from '../../../demo/servers/redis-cluster.ts';

/** Moves some slots of the first master to the second, key by key, as redis-cli does. */
export async function moveSlots(cluster: RunningCluster, slots: readonly number[]): Promise<void> {
  const [from, to] = cluster.nodes;
  if (from === undefined || to === undefined) throw new Error('Two nodes are needed');
  const [source, target] = [adminOf(from), adminOf(to)];
  try {
    const [sourceId, targetId] = [String(await source.call('CLUSTER', 'MYID')), String(await target.call('CLUSTER', 'MYID'))];
    for (const slot of slots) {
      await target.call('CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', sourceId);
      await source.call('CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', targetId);
      for (;;) {
        const keys = (await source.call('CLUSTER', 'GETKEYSINSLOT', String(slot), '10')) as string[];
        if (keys.length === 0) break;
        for (const key of keys) await source.call('MIGRATE', to.host, String(to.port), key, '0', '5000');
      }
      for (const node of [target, source]) await node.call('CLUSTER', 'SETSLOT', String(slot), 'NODE', targetId);
    }
  } finally {
    source.disconnect();
    target.disconnect();
  }
}
