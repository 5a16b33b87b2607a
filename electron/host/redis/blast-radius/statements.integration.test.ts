import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BlastSnapshot, BlastTarget } from '../../../../shared/contract/blast-radius.ts';
import type { PostgresProfile } from '../../../../shared/contract/workspaces.ts';
import { startPostgres, type RunningPostgres } from '../../../demo/servers/postgres-server.ts';
import { startRedis, type RunningRedis } from '../../../demo/servers/redis-server.ts';
import { openPostgres, type LivePostgresSession } from '../../postgres/postgres-session.ts';
import { openBlast, type BlastFixture, type BlastFixtureOptions } from './testing/blast-fixture.ts';

let postgres: RunningPostgres;
let redis: RunningRedis;
let admin: pg.Client;
let folder: string;
const sessions: LivePostgresSession[] = [];
const fixtures: BlastFixture[] = [];

const profile = (changes: Partial<PostgresProfile>): PostgresProfile => ({
  host: '127.0.0.1',
  port: postgres.port,
  user: 'postgres',
  database: 'postgres',
  sslMode: 'prefer',
  sslRootCert: '',
  sslCert: '',
  sslKey: '',
  passFile: '',
  options: '',
  ssh: null,
  ...changes,
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'blast-pg-'));
  [postgres, redis] = await Promise.all([startPostgres({}), startRedis({})]);
  admin = new pg.Client({ connectionString: postgres.url });
  await admin.connect();
  await admin.query('CREATE DATABASE bare');
  await admin.query('CREATE SCHEMA "odd ""schema"');
  await admin.query('CREATE EXTENSION pg_stat_statements SCHEMA "odd ""schema"');
  await admin.query("CREATE ROLE reader LOGIN PASSWORD 'pw'");
  await admin.query('GRANT USAGE ON SCHEMA "odd ""schema" TO reader');
  await admin.query('CREATE TABLE users (id int primary key, name text)');
  await admin.query("INSERT INTO users SELECT n, 'name ' || n FROM generate_series(1, 1000) n");
});

afterAll(async () => {
  for (const each of [...fixtures, ...sessions]) await each.close();
  await admin.end();
  await Promise.all([postgres.stop(), redis.stop()]);
  await rm(folder, { recursive: true, force: true });
});

async function open(changes: Partial<PostgresProfile> | null, password = postgres.password): Promise<BlastFixture> {
  const paired = profile(changes ?? {});
  const options: BlastFixtureOptions = { workspace: { postgres: paired } };
  if (changes !== null) {
    const session = await openPostgres({ profile: paired, secrets: { 'postgres.password': password }, environment: { HOME: folder }, knownHostsFile: join(folder, 'known_hosts') });
    sessions.push(session);
    options.postgres = session;
  }
  const fixture = await openBlast({ port: redis.port }, options);
  fixtures.push(fixture);
  return fixture;
}

const target: BlastTarget = { kind: 'namespaces', workspaceId: 'test', db: 0, prefixes: ['user:'] };
const asked = { target, method: 'monitor', acceptCost: true, windowMs: 1000 } as const;

function known(result: BlastSnapshot): Extract<BlastSnapshot['postgres'], { state: 'known' }> {
  if (result.postgres.state !== 'known') throw new Error(`Postgres is ${JSON.stringify(result.postgres)}`);
  return result.postgres;
}

describe('the Postgres behind the keys', () => {
  it('tells what its statements cost in the window, and guesses nothing', async () => {
    const { measure, run } = await open({});
    await run('SET', 'user:1', 'v');
    const work = async (): Promise<void> => {
      for (let at = 0; at < 40; at += 1) await admin.query('SELECT name FROM users WHERE id = $1', [at]);
      for (let at = 0; at < 5; at += 1) await admin.query("UPDATE users SET name = 'x' WHERE id = $1", [at]);
      await Promise.all(Array.from({ length: 100 }, () => run('GET', 'user:1')));
    };
    const result = await measure(asked, work);
    const { statements, total, load, windowMs } = known(result);
    const seconds = windowMs / 1000;
    const byId = statements.find(({ text }) => text.includes('SELECT name FROM users'));
    expect(byId).toMatchObject({ over: 'window', user: 'postgres' });
    expect(byId?.callsPerSecond).toBeCloseTo(40 / seconds, 5);
    expect(byId?.msPerCall).toBeGreaterThan(0);
    expect(byId?.rowsPerCall).toBeLessThanOrEqual(1);
    expect(statements.some(({ text }) => text.startsWith('UPDATE'))).toBe(false);
    expect(total.callsPerSecond).toBeGreaterThanOrEqual(45 / seconds);
    expect(load).toBeNull();

    const again = await measure({ ...asked, statementId: byId?.id ?? '' }, work);
    const chosen = known(again).statements.find(({ id }) => id === byId?.id);
    const { misses } = again;
    expect(known(again).load).toMatchObject({ statementId: byId?.id, calls: misses });
    expect(known(again).load?.msPerSecond.perSecond).toBeCloseTo((misses?.perSecond ?? 0) * (chosen?.msPerCall ?? 0), 5);
    expect(known(await measure({ ...asked, windowMs: 300, statementId: 'nothing' })).load).toBeNull();
  });

  it('hides the statements of others from a role that may not see them, and says how many', async () => {
    const { measure } = await open({ user: 'reader' }, 'pw');
    const result = await measure(asked, async () => {
      for (let at = 0; at < 20; at += 1) await admin.query('SELECT name FROM users WHERE id = $1', [at]);
    });
    const { statements, hiddenCallsPerSecond, windowMs } = known(result);
    expect(statements.some(({ text }) => text.includes('FROM users'))).toBe(false);
    expect(hiddenCallsPerSecond).toBeGreaterThanOrEqual(20 / (windowMs / 1000) - 0.001);
  });

  it('without the extension, or not connected, is said to be unknown, and the reads are measured all the same', async () => {
    const bare = await (await open({ database: 'bare' })).measure({ ...asked, windowMs: 300 });
    expect(bare.postgres).toMatchObject({ state: 'unknown', problem: { code: 'UNSUPPORTED', hint: expect.stringContaining('CREATE EXTENSION pg_stat_statements') } });
    expect(bare).toMatchObject({ state: 'done', misses: { perSecond: 0 } });
    const closed = await (await open(null)).measure({ ...asked, windowMs: 300 });
    expect(closed.postgres).toMatchObject({ state: 'unknown', problem: { code: 'NOT_CONNECTED' } });
  });
});
