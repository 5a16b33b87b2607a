import { isDefinedError, ORPCError } from '@orpc/client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { DemoSnapshot } from '../../../shared/contract/app.ts';
import { LookasideError } from '../../../shared/contract/errors.ts';
import { createJobService } from '../jobs/job-service.ts';
import { snapshotStream, type SnapshotListener } from '../snapshots.ts';
import { portKinds, type OpenedPort, type OpenPort } from './testing/ports.ts';
import { routerOver } from './testing/router-over.ts';

const withinASecond = { timeout: 1000, interval: 5 };

/** A producer of snapshots that counts who listens and how often it was read. */
function producer({ intervalMs = 20, padding = 0 } = {}) {
  const listeners = new Set<SnapshotListener>();
  const text = 'x'.repeat(padding);
  const state = { keys: 0, reads: 0 };
  const read = (): DemoSnapshot => {
    state.reads += 1;
    return { state: 'running', workspaceId: null, step: text, keys: state.keys, targetKeys: 0, seeded: true, requestsPerSecond: 0, problem: null };
  };
  const subscribe = (listener: SnapshotListener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const change = (event?: 'ended'): void => {
    state.keys += 1;
    for (const listener of listeners) listener(event);
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    state,
    listeners,
    change,
    run: () => {
      timer = setInterval(change, 1);
    },
    halt: () => clearInterval(timer),
    watch: (signal: AbortSignal) => snapshotStream({ read, subscribe, signal, minIntervalMs: intervalMs }),
  };
}

const keysOf = async (step: Promise<IteratorResult<DemoSnapshot, unknown>>) => ((await step).value as DemoSnapshot).keys;

const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'it went on',
    (error: unknown) => (error instanceof ORPCError && isDefinedError(error) ? error.code : String(error)),
  );

describe.each(portKinds)('streams over $kind', ({ open }: { open: OpenPort }) => {
  const reports: unknown[] = [];
  const ports: OpenedPort[] = [];
  const connect = async (services: Parameters<typeof routerOver>[0]): Promise<OpenedPort> => {
    const port = await open(routerOver(services), { report: (error) => reports.push(error) });
    ports.push(port);
    return port;
  };
  let source = producer();
  const start = (options: Parameters<typeof producer>[0] = {}) => {
    source = producer(options);
    return connect({ demo: { watch: source.watch } });
  };
  afterEach(async () => {
    source.halt();
    for (const port of ports.splice(0)) await port.close();
    expect(reports.splice(0)).toEqual([]);
  });

  test('the first snapshot comes at once, the last one always, then the end', async () => {
    const port = await start({ intervalMs: 60_000 });
    const stream = await port.client.app.demo();
    expect(await keysOf(stream.next())).toBe(0);
    const last = stream.next();
    for (let i = 0; i < 1000; i += 1) source.change();
    source.change('ended');
    expect(await keysOf(last)).toBe(1001);
    expect((await stream.next()).done).toBe(true);
    expect(source.listeners.size).toBe(0);
  });

  test('leaving the loop stops the producer', async () => {
    const port = await start();
    source.run();
    for await (const { keys } of await port.client.app.demo()) if (keys > 0) break;
    await vi.waitFor(() => expect(source.listeners.size).toBe(0), withinASecond);
  });

  test('an abort stops the producer, in mid-wait and in mid-flow', async () => {
    const port = await start({ intervalMs: 1 });
    const quiet = new AbortController();
    const stream = await port.client.app.demo(undefined, { signal: quiet.signal });
    await stream.next();
    const next = stream.next();
    quiet.abort();
    expect((await next).done).toBe(true);
    await vi.waitFor(() => expect(source.listeners.size).toBe(0), withinASecond);

    source.run();
    const busy = new AbortController();
    let seen = 0;
    for await (const { keys } of await port.client.app.demo(undefined, { signal: busy.signal })) {
      seen = keys;
      if (seen > 20) busy.abort();
    }
    expect(seen).toBeGreaterThan(20);
    await vi.waitFor(() => expect(source.listeners.size).toBe(0), withinASecond);
  });

  test('a stream aborted before it begins never reaches its producer', async () => {
    const port = await start();
    expect(await codeOf(port.client.app.demo(undefined, { signal: AbortSignal.abort() }))).toBe('CANCELLED');
    expect(source.state.reads).toBe(0);
  });

  test('a slow reader costs the producer no more than its rate', async () => {
    const port = await start({ intervalMs: 50 });
    source.run();
    const stream = await port.client.app.demo();
    const startedAt = performance.now();
    await stream.next();
    await vi.waitFor(() => expect(source.state.keys).toBeGreaterThan(200), { timeout: 5000 });
    const most = Math.ceil((performance.now() - startedAt) / 50) + 2;
    expect(source.state.reads).toBeLessThanOrEqual(most);
    // What waits at the client is what the rate allowed; the newest of it is recent.
    source.halt();
    source.change('ended');
    let last = 0;
    for await (const { keys } of stream) last = keys;
    expect(last).toBe(source.state.keys);
  });

  test('a client that takes nothing from the wire stops its producer, and then gets a fresh snapshot', async () => {
    const port = await start({ intervalMs: 1, padding: 1_000_000 });
    if (port.stall === null) {
      // A message port tells nobody whether its other end reads; there only the rate bounds what waits.
      expect(source.listeners.size).toBe(0);
      return;
    }
    const stream = await port.client.app.demo();
    await stream.next();
    port.stall.pause();
    source.run();
    let before = -1;
    await vi.waitFor(
      () => {
        const same = before === source.state.reads && source.state.keys > 300;
        before = source.state.reads;
        expect(same).toBe(true);
      },
      { timeout: 10_000, interval: 200 },
    );
    // Only what the sockets' buffers of the system took was read, not one for each of the changes.
    expect(source.state.reads).toBeLessThan(source.state.keys / 4);
    source.halt();
    source.change('ended');
    port.stall.resume();
    let last = 0;
    for await (const { keys } of stream) last = keys;
    expect(last).toBe(source.state.keys);
  });

  test('a dropped connection stops every producer within a second, stalled or not', async () => {
    const port = await start({ intervalMs: 1, padding: 1_000_000 });
    source.run();
    const streams = await Promise.all([port.client.app.demo(), port.client.app.demo(), port.client.app.demo()]);
    await Promise.all(streams.map((stream) => stream.next()));
    expect(source.listeners.size).toBe(3);
    port.stall?.pause();
    port.drop();
    await vi.waitFor(() => expect(source.listeners.size).toBe(0), withinASecond);
    await port.ended;
    for (const stream of streams) {
      // What had arrived may still be read; then it ends with one code.
      let code = 'it went on';
      while (code === 'it went on') code = await codeOf(stream.next());
      expect(code).toBe('HOST_UNREACHABLE');
    }
    expect(await codeOf(port.client.app.demo())).toBe('HOST_UNREACHABLE');
  });

  test('a dropped connection rejects calls and waiting streams with one code; jobs go on', async () => {
    const jobs = createJobService({});
    let finish = (): void => undefined;
    const jobId = jobs.start({ kind: 'export-names', workspaceId: 'w', title: 'Export', unit: 'names', total: null }, () => new Promise((resolve) => (finish = resolve)));
    const port = await connect({ jobs, settings: { all: () => new Promise(() => undefined) } });
    const call = codeOf(port.client.app.settings());
    const stream = await port.client.jobs.watch();
    await vi.waitFor(async () => expect((await stream.next()).value).toMatchObject([{ state: 'running' }]));
    const next = codeOf(stream.next());
    port.drop();
    expect([await call, await next]).toEqual(['HOST_UNREACHABLE', 'HOST_UNREACHABLE']);
    expect(jobs.pause(jobId).state).toBe('paused');
    finish();
    await jobs.closeAll();
  });

  test('a stream that fails ends with its code; what was not meant to fail loses its message', async () => {
    const port = await connect({
      demo: {
        async *watch() {
          yield* producer().watch(AbortSignal.abort());
          throw new LookasideError('DEMO_UNAVAILABLE', 'No server', { hint: 'Install one', details: { build: 'any' } });
        },
      },
      jobs: {
        async *watch() {
          yield [];
          throw new Error('hunter2');
        },
      },
    });
    const demo = await port.client.app.demo();
    await expect(demo.next()).rejects.toMatchObject({ code: 'DEMO_UNAVAILABLE', message: 'No server', data: { hint: 'Install one', details: { build: 'any' } } });
    const jobs = await port.client.jobs.watch();
    expect(await jobs.next()).toEqual({ done: false, value: [] });
    expect(await codeOf(jobs.next())).toBe('INTERNAL');
    expect(port.received.join('')).not.toContain('hunter2');
    expect(reports.splice(0)).toEqual([new Error('hunter2')]);
  });

  test('a stream that is called wrongly fails as a call does', async () => {
    const port = await connect({
      keys: {
        index: async function* () {
          throw new LookasideError('NOT_CONNECTED', 'Not open');
        },
      },
    });
    expect(await codeOf(port.call(['keys', 'index'], { workspaceId: 7 }))).toBe('INVALID_INPUT');
    const stream = await port.client.keys.index({ workspaceId: 'w', db: 0 });
    expect(await codeOf(stream.next())).toBe('NOT_CONNECTED');
  });
});
