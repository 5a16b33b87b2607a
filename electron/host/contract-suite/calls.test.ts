import { ORPCError } from '@orpc/client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { LookasideError } from '../../../shared/contract/errors.ts';
import type { ErrorDetails } from '../../../shared/contract/errors.ts';
import { portKinds, type OpenedPort, type OpenPort } from './testing/ports.ts';
import { badInputs, misplacedSecret, procedures } from './testing/procedures.ts';
import { routerOver } from './testing/router-over.ts';

test('every procedure takes no input or has inputs that it must refuse', () => {
  expect(procedures.length).toBeGreaterThan(30);
  const unproven = procedures.filter(({ input }) => input !== null && badInputs(input).length < 5).map(({ name }) => name);
  expect(unproven).toEqual([]);
});

const workspace = {
  id: 'w',
  name: 'Shop',
  environment: 'local',
  colour: 'gray',
  readOnly: false,
  delimiters: [':'],
  redis: null,
  postgres: null,
  demo: false,
  secrets: {},
  lastOpenedAt: null,
} as const;

type Failure = ORPCError<string, { hint: string; details: ErrorDetails }>;

async function failure(call: Promise<unknown>): Promise<Failure> {
  const error: unknown = await call.then(
    () => new Error('It was accepted'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ORPCError)) throw error;
  if (!error.defined) throw new Error(`${error.code} is not defined by the contract`);
  expect(error.data).toEqual({ hint: expect.any(String), details: expect.any(Object) });
  return error as Failure;
}

const pending = (): Promise<never> => new Promise(() => undefined);

describe.each(portKinds)('calls over $kind', ({ open }: { open: OpenPort }) => {
  const reports: unknown[] = [];
  const ports: OpenedPort[] = [];
  const connect = async (services: Parameters<typeof routerOver>[0], maxRequests?: number): Promise<OpenedPort> => {
    const limit = maxRequests === undefined ? {} : { maxRequests };
    const port = await open(routerOver(services), { report: (error) => reports.push(error), ...limit });
    ports.push(port);
    return port;
  };
  afterEach(async () => {
    for (const port of ports.splice(0)) await port.close();
    reports.length = 0;
  });

  test('bad input of every procedure is INVALID_INPUT and reaches no service', async () => {
    const port = await connect({});
    for (const { name, path, input } of procedures) {
      for (const bad of input === null ? [] : badInputs(input)) {
        const error = await failure(port.call(path, bad.input));
        expect(error.code, `${name}: ${bad.what}`).toBe('INVALID_INPUT');
        expect(error.message.length, `${name}: ${bad.what}`).toBeLessThan(3000);
        expect(error.message, `${name}: ${bad.what}`).not.toMatch(/received/);
        expect(JSON.stringify(error.data)).not.toContain('x'.repeat(1000));
      }
    }
    expect(reports).toEqual([]);
    // thousands of calls, and more with each method
  }, 180_000);

  test('a secret in the wrong place does not come back', async () => {
    const port = await connect({});
    for (const input of [{ workspaceId: 'w', secrets: misplacedSecret }, { workspaceId: 'w', secrets: { 'redis.password': [misplacedSecret] } }]) {
      const error = await failure(port.call(['connections', 'open'], input));
      expect(error.code).toBe('INVALID_INPUT');
      expect(error.message).not.toContain(misplacedSecret);
    }
    expect(port.received.join('')).not.toContain(misplacedSecret);
  });

  test.each([['no', 'such'], ['values'], ['values', 'page', 'more'], ['__proto__'], ['constructor', 'name'], ['values', '__proto__'], ['']])(
    'the unknown method %j is NOT_FOUND',
    async (...path) => {
      const port = await connect({});
      expect((await failure(port.call(path, {}))).code).toBe('NOT_FOUND');
    },
  );

  test('output fields that the contract does not declare are stripped, at any depth', async () => {
    const leaking = { ...workspace, password: 'leak-1', delimiters: [':'], redis: null, secrets: { 'redis.password': 'session' as const }, vault: { key: 'leak-2' } };
    const port = await connect({
      workspaces: { list: async () => [leaking], remove: async () => ({ restoreToken: 't', secrets: 'leak-3' }) as { restoreToken: string } },
      connections: { close: async () => undefined },
      demo: {
        async *watch() {
          const snapshot = { state: 'off' as const, workspaceId: null, step: '', keys: 0, targetKeys: 0, seeded: false, requestsPerSecond: 0, problem: null };
          yield { ...snapshot, url: 'leak-4' } as typeof snapshot;
        },
      },
    });
    expect(await port.client.workspaces.list()).toEqual([{ ...workspace, secrets: { 'redis.password': 'session' } }]);
    expect(await port.client.workspaces.remove({ workspaceId: 'w' })).toEqual({ restoreToken: 't' });
    for await (const snapshot of await port.client.app.demo()) expect(snapshot.state).toBe('off');
    expect(port.received.join('')).not.toContain('leak-');
  });

  test('an error of the list arrives with its code, message, hint and details', async () => {
    const port = await connect({
      settings: {
        all: async () => {
          throw new LookasideError('STORE_DENIED', 'The folder may not be read', { hint: 'Check it.', details: { path: 'p', errno: 13, odd: Number.NaN } });
        },
      },
    });
    const error = await failure(port.client.app.settings());
    expect(error).toMatchObject({ code: 'STORE_DENIED', message: 'The folder may not be read' });
    expect(error.data).toEqual({ hint: 'Check it.', details: { path: 'p', errno: 13, odd: 'NaN' } });
    expect(reports).toEqual([]);
  });

  test('any other failure is INTERNAL without its message, and reported', async () => {
    const bugs = [new Error('password=hunter2'), 'hunter2', new ORPCError('TEAPOT', { message: 'hunter2', data: { secret: 'hunter2' } })];
    const port = await connect({
      settings: { all: () => Promise.reject(bugs[0]), save: () => Promise.reject(bugs[1]) },
      workspaces: { list: () => Promise.reject(bugs[2]), export: async () => ({ fileName: 1 }) as never },
      jobs: { clear: () => { throw new TypeError('hunter2'); } },
    });
    const calls = [port.client.app.settings(), port.client.app.saveSettings({ changes: {} }), port.client.workspaces.list(), port.client.workspaces.export(), port.client.jobs.clear()];
    for (const call of calls) expect(await failure(call)).toMatchObject({ code: 'INTERNAL', data: { hint: '', details: {} } });
    expect(port.received.join('')).not.toContain('hunter2');
    expect(reports).toHaveLength(5);
    expect(reports).toEqual(expect.arrayContaining(bugs));
  });

  test('more requests at once than allowed are refused, the others go on', async () => {
    const waiting: (() => void)[] = [];
    const port = await connect({ settings: { all: () => new Promise((resolve) => waiting.push(() => resolve({}))) } }, 8);
    const calls = Array.from({ length: 8 }, () => port.client.app.settings());
    await vi.waitFor(() => expect(waiting).toHaveLength(8));
    expect((await failure(port.client.app.settings())).code).toBe('LIMIT_EXCEEDED');
    for (const go of waiting.splice(0)) go();
    await Promise.all(calls);
    const again = port.client.app.settings();
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    waiting[0]?.();
    expect(await again).toEqual({});
  });

  test('a cancelled call rejects with CANCELLED and the service hears of it', async () => {
    let seen: AbortSignal | undefined;
    const port = await connect({
      connections: {
        // The one call of the contract whose service is given the signal is a stream; its first step stands for a long call.
        async *watch(_workspaceId: string, signal: AbortSignal) {
          seen = signal;
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        },
      },
      settings: { all: pending },
    });
    const abort = new AbortController();
    const call = failure(port.client.app.settings(undefined, { signal: abort.signal }));
    const stream = await port.client.connections.watch({ workspaceId: 'w' }, { signal: abort.signal });
    const next = stream.next();
    await vi.waitFor(() => expect(seen).toBeDefined());
    abort.abort();
    expect((await call).code).toBe('CANCELLED');
    expect((await next).done).toBe(true);
    await vi.waitFor(() => expect(seen?.aborted).toBe(true));
    expect(reports).toEqual([]);
  });

  test.each(['', '{', 'null', '[]', '{"i":1}', '{"i":"x","p":{"u":"http://elsewhere/"}}', '{"i":"x","t":3,"p":{}}', `{"i":"${'x'.repeat(100)}","p":{"u":"/app/info"}}`])(
    'a malformed frame %j ends the connection and nothing else',
    async (frame) => {
      const port = await connect({ settings: { all: pending } });
      // Still being encoded when the connection ends, over the ports that are fast enough.
      const call = failure(port.client.app.settings());
      port.sendFrame(frame);
      await port.ended;
      expect((await call).code).toBe('HOST_UNREACHABLE');
      expect((await failure(port.client.app.settings())).code).toBe('HOST_UNREACHABLE');
    },
  );

  test('a body that is not of the protocol’s own format is INVALID_INPUT', async () => {
    const port = await connect({});
    const body = { json: 'x', meta: [[0]] };
    port.sendFrame(JSON.stringify({ i: 'raw', p: { u: '/values/inspect', b: body } }));
    await vi.waitFor(() => expect(port.received.some((frame) => frame.includes('"i":"raw"') && frame.includes('INVALID_INPUT'))).toBe(true));
  });
});
