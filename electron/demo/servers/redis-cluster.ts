import type { Redis } from 'ioredis';
import { adminOf, until } from './redis-admin.ts';
import { startRedis, type RedisOptions, type RunningRedis, type ServerTls } from './redis-server.ts';

export interface ClusterOptions {
  masters?: number;
  replicasPerMaster?: 0 | 1;
  build?: RedisOptions['build'];
  args?: readonly string[];
  password?: string;
  tls?: ServerTls;
}

export interface RunningCluster {
  /** Masters first, then their replicas in the same order. */
  nodes: RunningRedis[];
  seeds: { host: string; port: number }[];
  stop(): Promise<void>;
}

const slots = 16_384;

async function form(nodes: readonly RunningRedis[], admins: readonly Redis[], masters: number): Promise<void> {
  await Promise.all(admins.map((admin, at) => admin.call('CLUSTER', 'SET-CONFIG-EPOCH', String(at + 1))));
  const bound = (at: number) => Math.floor((slots * at) / masters);
  await Promise.all(
    admins.slice(0, masters).map((admin, at) => {
      const range = Array.from({ length: bound(at + 1) - bound(at) }, (_, offset) => String(bound(at) + offset));
      return admin.call('CLUSTER', 'ADDSLOTS', ...range);
    }),
  );
  const [first] = admins;
  if (!first) return;
  for (const node of nodes.slice(1)) await first.call('CLUSTER', 'MEET', node.host, String(node.port));
  const knowsAll = async (admin: Redis) => (await admin.cluster('INFO')).includes(`cluster_known_nodes:${nodes.length}`);
  await until(async () => (await Promise.all(admins.map(knowsAll))).every(Boolean), 'Meeting of the cluster nodes');
  await Promise.all(
    admins.slice(masters).map(async (replica, at) => {
      const master = admins[at % masters];
      if (master) await replica.call('CLUSTER', 'REPLICATE', String(await master.call('CLUSTER', 'MYID')));
    }),
  );
  const settled = async (admin: Redis, at: number) => {
    const info = await admin.cluster('INFO');
    if (!info.includes('cluster_state:ok') || !info.includes(`cluster_slots_ok:${slots}`)) return false;
    if (!info.includes(`cluster_size:${masters}`)) return false;
    // CLUSTER SLOTS is what clients read: every replica must be listed in it.
    const listed = (await admin.cluster('SLOTS')) as unknown[][];
    if (listed.reduce((sum, range) => sum + range.length - 2, 0) !== nodes.length) return false;
    return at < masters || (await admin.info('replication')).includes('master_link_status:up');
  };
  await until(async () => (await Promise.all(admins.map(settled))).every(Boolean), 'Agreement of the cluster nodes');
}

/**
 * Starts a Redis Cluster on loopback (about 2 s): even slots, `cluster_state:ok` on every node, replicas in sync.
 * Rejects with DEMO_UNAVAILABLE; nothing is left running then.
 */
export async function startRedisCluster(options: ClusterOptions = {}): Promise<RunningCluster> {
  const { masters = 3, replicasPerMaster = 0, tls } = options;
  const nodes: RunningRedis[] = [];
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  const admins: Redis[] = [];
  try {
    const args = ['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf', '--cluster-node-timeout', '2000'];
    // A replica is listed once its offset has moved, and without writes only the master's ping moves it.
    args.push('--repl-ping-replica-period', '1');
    if (tls) args.push('--tls-cluster', 'yes');
    const one = () =>
      startRedis({
        args: [...args, ...(options.args ?? [])],
        ...(options.build === undefined ? {} : { build: options.build }),
        ...(options.password === undefined ? {} : { password: options.password }),
        ...(tls ? { tls } : {}),
      });
    const started = await Promise.allSettled(Array.from({ length: masters * (1 + replicasPerMaster) }, one));
    for (const each of started) if (each.status === 'fulfilled') nodes.push(each.value);
    for (const each of started) if (each.status === 'rejected') throw each.reason;
    for (const node of nodes) admins.push(adminOf(node, tls));
    await form(nodes, admins, masters);
  } catch (error) {
    await stop();
    throw error;
  } finally {
    for (const admin of admins) admin.disconnect();
  }
  return { nodes, seeds: nodes.map(({ host, port }) => ({ host, port })), stop };
}
