import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type RunningRedis } from '../../../demo/servers/redis-server.ts';
import { makeSession, until, type OpenedSession, type TestProfile } from './testing/open-session.ts';

let redis: RunningRedis;
const opened: OpenedSession[] = [];

beforeAll(async () => {
  redis = await startRedis({ unixSocket: true, args: ['--enable-debug-command', 'local'] });
});
afterAll(() => redis.stop());
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

async function make(profile: TestProfile, options: Parameters<typeof makeSession>[1] = {}): Promise<OpenedSession['session']> {
  const made = await makeSession(profile, options);
  opened.push(made);
  return made.session;
}

async function open(profile: TestProfile, options: Parameters<typeof makeSession>[1] = {}): Promise<OpenedSession['session']> {
  const session = await make(profile, options);
  await session.open();
  return session;
}

describe('a standalone session', () => {
  it('opens, calls, and tells what the server is', async () => {
    const session = await open({ port: redis.port });
    expect(await session.call(0, ['SET', Buffer.from([0xff, 0, 1]), Buffer.from([0xfe])])).toEqual(Buffer.from('OK'));
    expect(await session.call(0, ['GET', Buffer.from([0xff, 0, 1])])).toEqual(Buffer.from([0xfe]));
    expect(await session.call(0, ['hgetall', 'none'])).toEqual([]);
    const status = session.status();
    expect(status.state).toBe('ready');
    expect(status.facts).toMatchObject({ flavour: redis.flavour, version: redis.version, topology: 'standalone', user: 'default', databases: 16, missing: [] });
    expect(status.facts?.nodes).toEqual([{ id: `127.0.0.1:${redis.port}`, host: '127.0.0.1', port: redis.port, role: 'master', slots: 0, up: true }]);
    expect(await session.call(0, ['CLIENT', 'GETNAME'])).toEqual(Buffer.from('lookaside'));
    await until(() => session.latencyMs() !== null, 'a ping');
  });

  it('keeps databases apart by a connection each', async () => {
    const session = await open({ port: redis.port, db: 2 });
    await session.batch(2, [['SET', 'here', 'two']]);
    await session.batch(5, [['SET', 'here', 'five']]);
    expect(await session.batch(2, [['GET', 'here'], ['NOSUCH'], ['DBSIZE']])).toMatchObject([Buffer.from('two'), { code: 'REDIS_COMMAND_FAILED' }, 1]);
    expect(await session.call(5, ['GET', 'here'])).toEqual(Buffer.from('five'));
    await expect(session.call(99, ['DBSIZE'])).rejects.toMatchObject({ code: 'REDIS_WRONG_DB' });
    expect(session.status().state).toBe('ready');
  });

  it('opens over a unix socket', async () => {
    const session = await open({ socketPath: redis.socketPath ?? '' });
    expect(await session.call(0, ['PING'])).toEqual(Buffer.from('PONG'));
    expect(await session.workerEndpoint(redis.socketPath ?? '', 3)).toMatchObject({ target: { path: redis.socketPath }, db: 3, tls: null });
  });

  it('refuses what would change the shared connection', async () => {
    const session = await open({ port: redis.port });
    for (const command of ['SELECT 1', 'multi', 'Subscribe x', 'MONITOR', 'CLIENT reply off', 'BLPOP k 0', 'XREAD BLOCK 0 STREAMS s 0', 'HELLO 3', 'RESET', 'WAIT 1 0']) {
      const [name = '', ...parts] = command.split(' ');
      await expect(session.call(0, [name, ...parts])).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    }
    expect(await session.call(0, ['XREAD', 'STREAMS', 'block', '0'])).toBe(null);
  });

  it('stops waiting when the signal aborts', async () => {
    const session = await open({ port: redis.port });
    const controller = new AbortController();
    const slow = session.call(0, ['DEBUG', 'SLEEP', '0.3'], { signal: controller.signal });
    controller.abort();
    await expect(slow).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(session.call(0, ['PING'], { signal: controller.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('prices its own work', async () => {
    const session = await open({ port: redis.port });
    session.setWatched(true);
    await session.batch(0, Array.from({ length: 500 }, () => ['SET', 'k', 'v'] as const));
    const impact = await until(() => {
      const { impact: now } = session.status();
      return (now.usec ?? 0) > 0 ? now : null;
    }, 'a price');
    expect(impact.commands).toBeGreaterThanOrEqual(500);
    expect(impact.recentShare).toBeGreaterThan(0);
    expect(impact.bytesIn).toBeGreaterThan(500 * 5);
    expect(impact.bytesOut).toBeGreaterThan(500 * 25);
    const before = session.status().impact;
    session.noteWork({ command: 'SCAN', calls: 10, bytesIn: 1000, bytesOut: 100 });
    expect(session.status().impact.commands).toBeGreaterThanOrEqual(before.commands + 10);
  });
});

describe('a lost connection', () => {
  it('leaves the outcome of writes open, tells reads apart, sends nothing twice, and comes back', async () => {
    const own = await startRedis({ args: ['--enable-debug-command', 'local', '--appendonly', 'yes'] });
    try {
      const session = await open({ port: own.port });
      await session.call(0, ['SET', 'n', 1]);
      let topologyChanges = 0;
      session.onTopologyChange(() => (topologyChanges += 1));
      const stuck = session.call(0, ['DEBUG', 'SLEEP', '30']);
      const outcomes = session.batch(0, [['INCR', 'n'], ['GET', 'n'], ['SCAN', '0']]);
      const settled = Promise.allSettled([stuck, outcomes]);
      await own.kill();
      expect(await settled).toMatchObject([
        { status: 'rejected', reason: { code: 'OUTCOME_UNKNOWN' } },
        { status: 'fulfilled', value: [{ code: 'OUTCOME_UNKNOWN' }, { code: 'CONNECTION_LOST' }, { code: 'CONNECTION_LOST' }] },
      ]);
      await until(() => session.status().state === 'reconnecting' && session.status().attempt >= 2, 'attempts');
      expect(session.status()).toMatchObject({ problem: { code: 'CONNECTION_REFUSED' }, facts: { nodes: [{ up: false }] } });
      await expect(session.call(0, ['GET', 'n'])).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
      await own.restart();
      await session.retry();
      await until(() => session.status().state === 'ready', 'ready again');
      expect(session.status()).toMatchObject({ attempt: 0, nextAttemptAt: null, problem: null });
      expect(await session.call(0, ['GET', 'n'])).toEqual(Buffer.from('1'));
      expect(topologyChanges).toBe(2);
    } finally {
      await own.stop();
    }
  });

  it('fails for good when the password is changed, until it is tried by hand', async () => {
    const own = await startRedis({ password: 'first' });
    try {
      const session = await open({ port: own.port }, { secrets: { 'redis.password': 'first' } });
      await session.call(0, ['CONFIG', 'SET', 'requirepass', 'second']);
      const kill = session.call(0, ['CLIENT', 'KILL', 'SKIPME', 'no', 'TYPE', 'normal']);
      await expect(kill).resolves.toBe(1);
      await until(() => session.status().state === 'failed', 'failed');
      expect(session.status()).toMatchObject({ problem: { code: 'REDIS_WRONG_PASSWORD' }, nextAttemptAt: null });
      await expect(session.call(0, ['PING'])).rejects.toMatchObject({ code: 'NOT_CONNECTED' });
      await session.retry();
      expect(session.status().state).toBe('failed');
    } finally {
      await own.stop();
    }
  });
});
