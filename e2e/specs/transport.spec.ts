import { expect, test } from '@playwright/test';
import { WebSocket } from 'ws';
import { startTestFace, type TestFace } from '../../electron/web/testing/test-face.ts';
import { keepConnected, type HostConnection } from '../../renderer/lib/transport/connect-host.ts';
import { openWebSocket } from '../../renderer/lib/transport/web-socket.ts';
import type { DemoSnapshot } from '../../shared/contract/app.ts';

/** The page's own transport, in Node, over the real browser face. */
let face: TestFace;
let connection: HostConnection;
let ended: boolean;
let aborts: number;

const snapshot: DemoSnapshot = { state: 'running', workspaceId: null, step: '', keys: 1, targetKeys: 1, seeded: true, requestsPerSecond: 1, problem: null };
const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

test.beforeEach(async () => {
  ended = false;
  aborts = 0;
  face = await startTestFace(
    {},
    {
      watch: async function* (signal) {
        yield snapshot;
        await untilAborted(signal);
        aborts += 1;
      },
      start: () => new Promise(() => undefined),
      stop: () => Promise.resolve(),
    },
  );
  const url = `ws://127.0.0.1:${face.face.port}`;
  const cookie = await face.logIn();
  const create = (address: string): globalThis.WebSocket => {
    const socket = new WebSocket(address, { origin: url.replace('ws', 'http'), headers: { Cookie: cookie } });
    // A browser's socket has no unhandled errors; the close that follows says it all.
    socket.on('error', () => undefined);
    return socket as unknown as globalThis.WebSocket;
  };
  connection = await keepConnected({
    face: 'browser',
    open: () => openWebSocket(`${url}/host`, create),
    sessionEnded: async () => ended,
  });
});

test.afterEach(async () => {
  ended = true;
  await face.stop();
});

test('carries calls and streams', async () => {
  expect(connection.state()).toEqual({ kind: 'connected' });
  expect(await connection.client.app.info()).toMatchObject({ face: 'browser' });
  await expect(connection.client.workspaces.restore({ restoreToken: 'none' })).rejects.toMatchObject({ code: 'NOT_FOUND', defined: true });
});

test('ends an aborted stream in silence, on both sides', async () => {
  const stop = new AbortController();
  const seen: DemoSnapshot[] = [];
  for await (const value of await connection.client.app.demo(undefined, { signal: stop.signal })) {
    seen.push(value);
    setTimeout(() => stop.abort(), 20);
  }
  expect(seen).toEqual([snapshot]);
  await expect.poll(() => aborts).toBe(1);
});

test('stops the producer of a stream that is left', async () => {
  for await (const value of await connection.client.app.demo()) {
    expect(value).toEqual(snapshot);
    break;
  }
  await expect.poll(() => aborts).toBe(1);
});

test('rejects an aborted call as cancelled', async () => {
  const stop = new AbortController();
  const call = connection.client.app.startDemo(undefined, { signal: stop.signal });
  setTimeout(() => stop.abort(), 20);
  await expect(call).rejects.toMatchObject({ code: 'CANCELLED', defined: true });
  await expect(connection.client.app.startDemo(undefined, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
});

test('rejects what is in flight when the socket drops, says so, and comes back with the same client', async () => {
  let disconnects = 0;
  const states: string[] = [];
  connection.onDisconnect(() => (disconnects += 1));
  connection.onState(() => states.push(connection.state().kind));
  const call = connection.client.app.startDemo();
  const stream = await connection.client.app.demo();
  expect(await stream.next()).toMatchObject({ value: snapshot });
  const next = stream.next();
  const lost = { code: 'HOST_UNREACHABLE', defined: true };
  const checks = [expect(call).rejects.toMatchObject(lost), expect(next).rejects.toMatchObject(lost)];
  face.cut();
  await Promise.all(checks);
  await stream.return?.();
  await expect(connection.client.app.info()).rejects.toMatchObject(lost);
  await expect.poll(() => connection.state().kind).toBe('connected');
  expect(await connection.client.app.info()).toMatchObject({ face: 'browser' });
  expect([disconnects, states]).toEqual([1, ['reconnecting', 'connected']]);
});

test('tries again at once when asked, and gives up when the session has ended', async () => {
  face.cut();
  await expect.poll(() => connection.state().kind).toBe('reconnecting');
  connection.reconnect();
  await expect.poll(() => connection.state().kind, { intervals: [10] }).toBe('connected');
  ended = true;
  await face.face.close();
  await expect.poll(() => connection.state().kind).toBe('session-ended');
  await expect(connection.client.app.info()).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' });
});
