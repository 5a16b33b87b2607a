import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { array, assert, asyncProperty, constantFrom } from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { parseCommandTable, type CommandTable } from '../../../../shared/redis/command-table.ts';
import { decideReadOnly } from '../../../../shared/redis/read-only-gate.ts';
import { startRedis, type RunningRedis } from '../../../demo/servers/redis-server.ts';
import type { Command, RedisReply } from '../../redis/session.ts';
import { makeSession, type OpenedSession } from '../redis/testing/open-session.ts';

const builds = ['redis-7.0', 'redis-8.0', 'valkey-8.1'] as const;

/** What passes though the server does not flag it `readonly`. A command that is new here must be argued for. */
const reasoned = new Set(
  (
    'ping echo select info time role lastsave command command|count command|docs command|getkeys command|getkeysandflags command|info command|list ' +
    'config|get client|id client|info client|list client|getname client|getredir client|trackinginfo module|list pubsub|channels pubsub|numpat ' +
    'pubsub|numsub pubsub|shardchannels pubsub|shardnumsub acl|whoami acl|cat acl|dryrun acl|users slowlog|get slowlog|len commandlog|get ' +
    'commandlog|len latency|latest latency|history latency|graph latency|doctor latency|histogram memory|stats memory|doctor ' +
    'memory|malloc-stats cluster|info cluster|nodes cluster|shards cluster|slots cluster|links cluster|myid cluster|myshardid cluster|keyslot ' +
    'cluster|countkeysinslot cluster|getkeysinslot cluster|replicas cluster|slaves cluster|count-failure-reports cluster|slot-stats function|list ' +
    'function|stats function|dump script|exists acl|help client|help cluster|help command|help config|help function|help latency|help ' +
    'memory|help module|help object|help pubsub|help script|help slowlog|help xinfo|help'
  ).split(' '),
);

/** Named one by one, so that a slip in the rule cannot hide behind the flags. */
const neverAllowed = (
  'eval evalsha fcall function|load function|delete function|flush function|restore script|load script|flush script|kill multi exec discard watch unwatch ' +
  'config|set config|resetstat config|rewrite debug shutdown replicaof slaveof failover client|kill client|pause client|unpause client|no-evict client|reply ' +
  'client|tracking client|setname monitor sort getex getdel georadius georadiusbymember bitfield xreadgroup sinterstore copy restore pfcount publish spublish ' +
  'wait waitaof subscribe psubscribe flushall flushdb swapdb migrate move save bgsave bgrewriteaof acl|setuser acl|deluser acl|log acl|load acl|save slowlog|reset ' +
  'latency|reset memory|purge module|load module|unload cluster|failover cluster|reset cluster|forget cluster|setslot xgroup|create pfdebug psync sync replconf hello auth reset quit'
).split(' ');

function everyCommand(table: CommandTable): { name: string; parts: string[]; flags: ReadonlySet<string> }[] {
  return [...table].flatMap(([name, entry]) =>
    entry.subcommands.size === 0
      ? [{ name, parts: [name], flags: entry.flags }]
      : [...entry.subcommands].map(([sub, { flags }]) => ({ name: `${name}|${sub}`, parts: [name, sub], flags })),
  );
}

function onlyRefused(error: unknown): void {
  if (!(error instanceof LookasideError)) throw error;
}

let running: OpenedSession | null = null;
afterEach(async () => {
  await running?.close();
  running = null;
});

describe.each(builds)('the gate on %s', (build) => {
  let redis: RunningRedis;
  let table: CommandTable;
  beforeAll(async () => {
    redis = await startRedis({ build, args: ['--enable-debug-command', 'local'] });
    const made = await makeSession({ port: redis.port });
    await made.session.open();
    table = parseCommandTable(await made.session.call(0, ['COMMAND']));
    await made.close();
  }, 120_000);
  afterAll(() => redis.stop());

  it('judges every command and subcommand by its flags', () => {
    const all = everyCommand(table);
    expect(all.length).toBeGreaterThan(300);
    const wrong: string[] = [];
    for (const { name, parts, flags } of all) {
      const shouldPass = (flags.has('readonly') && name !== 'pfcount') || reasoned.has(name) ;
      for (const written of [parts, parts.map((part) => part.toUpperCase()), parts.map((part) => Buffer.from(part))]) {
        const { allowed } = decideReadOnly(table, written);
        if (allowed !== shouldPass || (allowed && flags.has('write'))) wrong.push(name);
      }
    }
    expect(wrong).toEqual([]);
    expect(neverAllowed.filter((name) => decideReadOnly(table, name.split('|')).allowed)).toEqual([]);
    expect(all.filter(({ flags }) => flags.has('readonly') && (flags.has('write') || flags.has('admin')))).toEqual([]);
  });

  it('lets through nothing that changes data', async () => {
    running = await makeSession({ port: redis.port }, { readOnly: true });
    const { session } = running;
    const seeding = await makeSession({ port: redis.port });
    await seeding.session.open();
    const raw = (command: Command): Promise<RedisReply> => seeding.session.call(0, command);
    await raw(['FLUSHALL']);
    const seeds: Command[] = [
      ['SET', 'str', '12'], ['HSET', 'hash', 'f', '1', 'g', '2'], ['RPUSH', 'list', 'a', 'b', 'c'], ['SADD', 'set', 'a', 'b'], ['ZADD', 'zset', 1, 'a', 2, 'b'],
      ['XADD', 'stream', '1-1', 'f', 'v'], ['XGROUP', 'CREATE', 'stream', 'g', '0'], ['PFADD', 'hll', 'a', 'b'], ['PFADD', 'hll2', 'c'], ['GEOADD', 'geo', 13, 38, 'p'], ['SET', 'ttl', 'v', 'EX', 5000],
    ];
    for (const seed of seeds) await raw(seed);
    await session.open();
    const digest = async (): Promise<string> => `${String(await raw(['DEBUG', 'DIGEST']))} ${String(await raw(['CONFIG', 'GET', 'maxmemory']))} ${String(await raw(['DBSIZE']))}`;
    const before = await digest();

    // every command there is, writes too: what the gate refuses is not sent, what it lets through must change nothing
    const commands = everyCommand(table);
    const part = constantFrom('str', 'hash', 'list', 'set', 'zset', 'stream', 'hll', 'geo', 'ttl', 'none', '0', '1', '-1', '2', 'STORE', 'GET', 'SET', 'f', '-', '+', '*', 'COUNT', 'BY', 'LIMIT', 'RESET', 'return redis.call("set","str","x")', 'u8');
    const sent = new Set<string>();
    await assert(
      asyncProperty(constantFrom(...commands), array(part, { maxLength: 6 }), async ({ name, parts }, args) => {
        const [first = '', ...rest] = parts;
        try {
          await session.call(0, [first, ...rest, ...args]);
          sent.add(name);
        } catch (error) {
          if (!(error instanceof LookasideError)) throw error;
          if (error.code !== 'READ_ONLY') sent.add(name);
        }
      }),
      { numRuns: 4000 },
    );
    for (const { parts } of commands) {
      const [first = '', ...rest] = parts;
      await session.batch(0, [[first, ...rest, 'hll2'] as const]).catch(onlyRefused);
    }
    expect(sent.size).toBeGreaterThan(80);
    expect(await digest()).toBe(before);
    await seeding.close();
  }, 60_000);
});

describe('unlocking', () => {
  let redis: RunningRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('allows writes for a time, and records why', async () => {
    running = await makeSession({ port: redis.port }, { readOnly: true });
    const { session, gate, folder } = running;
    await session.open();
    await expect(session.call(0, ['set', 'k', 'v'])).rejects.toMatchObject({ code: 'READ_ONLY', details: { command: 'SET' } });
    await expect(session.batch(0, [['GET', 'k'], ['DEL', 'k']])).rejects.toMatchObject({ code: 'READ_ONLY' });
    await gate.unlock(5, 'fix the price of product 7');
    expect(session.status().readOnly).toMatchObject({ active: false, unlockReason: 'fix the price of product 7' });
    expect(session.status().readOnly.unlockedUntil).toBeGreaterThan(Date.now() + 290_000);
    expect(await session.call(0, ['SET', 'k', 'v'])).toEqual(Buffer.from('OK'));
    await gate.lock();
    expect(session.status().readOnly).toEqual({ active: true, unlockedUntil: null, unlockReason: '' });
    await expect(session.call(0, ['DEL', 'k'])).rejects.toMatchObject({ code: 'READ_ONLY' });

    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
    try {
      await gate.unlock(1, 'second look');
      vi.advanceTimersByTime(59_000);
      expect(session.status().readOnly.active).toBe(false);
      vi.advanceTimersByTime(1500);
      expect(session.status().readOnly.active).toBe(true);
    } finally {
      vi.useRealTimers();
    }
    await vi.waitFor(async () => {
      const lines = (await readFile(join(folder, 'audit.jsonl'), 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as { event: string; reason: string });
      expect(lines.map(({ event, reason }) => [event, reason])).toEqual([
        ['unlock', 'fix the price of product 7'],
        ['lock', 'fix the price of product 7'],
        ['unlock', 'second look'],
        ['auto-lock', 'second look'],
      ]);
    });
  });

  it('stays locked when the journal cannot be written', async () => {
    running = await makeSession({ port: redis.port }, { readOnly: true });
    const { session, folder } = running;
    await session.open();
    const { createReadOnlyGate } = await import('./gate.ts');
    const { createAuditJournal } = await import('../audit-journal.ts');
    const gate = createReadOnlyGate({
      workspaceId: 'w',
      workspaceName: 'W',
      readOnly: true,
      journal: createAuditJournal(join(folder, 'audit.jsonl', 'below-a-file')),
      onChange: () => undefined,
      report: () => undefined,
    });
    await createAuditJournal(folder).write({ event: 'lock', workspaceId: 'w', workspaceName: 'W', reason: '', until: null });
    await expect(gate.unlock(1, 'no record')).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect(gate.state().active).toBe(true);
  });
});
