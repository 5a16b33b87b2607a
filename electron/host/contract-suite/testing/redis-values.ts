import { Cluster, Redis } from 'ioredis';

export interface ValueFill {
  name: string;
  type: 'string' | 'hash' | 'list' | 'set' | 'zset' | 'stream';
  length: number;
}

/** Writes one key of each type, past the app, and says what is in them. */
export async function createRedisValues(server: { host: string; port: number; password: string; cluster: boolean }): Promise<ValueFill[]> {
  const { host, port, password } = server;
  const client = server.cluster ? new Cluster([{ host, port }], { redisOptions: { password } }) : new Redis({ host, port, password });
  try {
    await client.del('values:stream');
    await client.set('values:string', 'text');
    await client.hset('values:hash', 'field', 'value', 'other', '');
    await client.del('values:list');
    await client.rpush('values:list', 'a', 'b', 'c');
    await client.sadd('values:set', 'a', 'b');
    await client.zadd('values:zset', 1.5, 'a');
    await client.xadd('values:stream', '1-0', 'field', 'value');
    await client.xgroup('CREATE', 'values:stream', 'group', '0');
    await client.xreadgroup('GROUP', 'group', 'reader', 'STREAMS', 'values:stream', '>');
  } finally {
    client.disconnect();
  }
  return [
    { name: 'values:string', type: 'string', length: 4 },
    { name: 'values:hash', type: 'hash', length: 2 },
    { name: 'values:list', type: 'list', length: 3 },
    { name: 'values:set', type: 'set', length: 2 },
    { name: 'values:zset', type: 'zset', length: 1 },
    { name: 'values:stream', type: 'stream', length: 1 },
  ];
}
