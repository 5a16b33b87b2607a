import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { adminOf, until } from './redis-admin.ts';
import { startRedis, startSentinelProcess, type RedisOptions, type RunningRedis } from './redis-server.ts';

export interface SentinelOptions {
  replicas?: number;
  sentinels?: number;
  masterName?: string;
  quorum?: number;
  /** Password of the data servers; the sentinels themselves have none. */
  password?: string;
  /** Password of the sentinels themselves. */
  sentinelPassword?: string;
  build?: RedisOptions['build'];
}

export interface RunningSentinel {
  master: RunningRedis;
  replicas: RunningRedis[];
  sentinels: RunningRedis[];
  masterName: string;
  stop(): Promise<void>;
}

/** Reads a flat reply of name, value, name, value. */
function pairs(reply: unknown): Map<string, string> {
  const flat = reply as string[];
  return new Map(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ''] as const] : [])));
}

/**
 * Starts a master, its replicas and sentinels that know each other (about 2 s). A dead master is noticed after
 * 1 s. Rejects with DEMO_UNAVAILABLE; nothing is left running then.
 */
export async function startRedisSentinel(options: SentinelOptions = {}): Promise<RunningSentinel> {
  const { replicas: replicaCount = 1, sentinels: sentinelCount = 3, masterName = 'lookaside', quorum = 2, password, sentinelPassword } = options;
  const build = options.build === undefined ? {} : { build: options.build };
  const shared: RedisOptions = { ...build, ...(password === undefined ? {} : { password }) };
  const all: RunningRedis[] = [];
  const admins: Redis[] = [];
  const keep = <T extends RunningRedis>(server: T): T => {
    all.push(server);
    return server;
  };
  const adminFor = (server: RunningRedis) => {
    const admin = adminOf(server);
    admins.push(admin);
    return admin;
  };
  const stop = async () => {
    // Sentinels first: otherwise they start a failover while the others end.
    await Promise.all(all.filter((server) => sentinels.includes(server)).map((server) => server.stop()));
    await Promise.all(all.filter((server) => !sentinels.includes(server)).map((server) => server.stop()));
  };
  const sentinels: RunningRedis[] = [];
  try {
    const master = keep(await startRedis(shared));
    const replicaOf = ['--replicaof', master.host, String(master.port)];
    const replicas = await Promise.all(Array.from({ length: replicaCount }, async () => keep(await startRedis({ ...shared, args: replicaOf }))));
    for (const replica of replicas) {
      const admin = adminFor(replica);
      await until(async () => (await admin.info('replication')).includes('master_link_status:up'), 'Synchronisation of the replica');
    }
    const configure = (port: number, folder: string) => {
      const file = join(folder, 'sentinel.conf');
      const lines = [
        `port ${port}`,
        'bind 127.0.0.1',
        `dir "${folder}"`,
        `sentinel monitor ${masterName} ${master.host} ${master.port} ${quorum}`,
        `sentinel down-after-milliseconds ${masterName} 1000`,
        `sentinel failover-timeout ${masterName} 4000`,
        `sentinel parallel-syncs ${masterName} 1`,
        ...(password === undefined ? [] : [`sentinel auth-pass ${masterName} "${password}"`]),
        ...(sentinelPassword === undefined ? [] : [`requirepass "${sentinelPassword}"`, `sentinel sentinel-pass "${sentinelPassword}"`]),
      ];
      writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
      return file;
    };
    await Promise.all(
      Array.from({ length: sentinelCount }, async () => {
        const own = { ...build, ...(sentinelPassword === undefined ? {} : { password: sentinelPassword }) };
        sentinels.push(keep(await startSentinelProcess(own, configure)));
      }),
    );
    for (const sentinel of sentinels) {
      const admin = adminFor(sentinel);
      await until(async () => {
        const facts = pairs(await admin.call('SENTINEL', 'MASTER', masterName));
        return facts.get('num-other-sentinels') === String(sentinelCount - 1) && facts.get('num-slaves') === String(replicaCount);
      }, 'Meeting of the sentinels');
    }
    return { master, replicas, sentinels, masterName, stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    for (const admin of admins) admin.disconnect();
  }
}
