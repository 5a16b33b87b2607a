import { setTimeout as delay } from 'node:timers/promises';
import type { DemoSnapshot } from '../../shared/contract/app.ts';
import { LookasideError } from '../../shared/contract/errors.ts';
import type { WorkspaceDraft } from '../../shared/contract/workspaces.ts';
import type { DemoService, WorkspaceService } from '../host/services.ts';
import { defaultKeys, startDemo, type DemoOptions, type RunningDemo } from './demo.ts';

export interface DemoServiceOptions extends Pick<DemoOptions, 'keys' | 'rate' | 'seed' | 'scale'> {
  workspaces: Pick<WorkspaceService, 'addTransient' | 'removeTransient'>;
}

const betweenSnapshotsMs = 200;

const noTls = { mode: 'off', caFile: '', certFile: '', keyFile: '', serverName: '', pinSha256: '' } as const;

function workspaceOf(demo: RunningDemo): WorkspaceDraft {
  return {
    name: 'Demo shop',
    environment: 'local',
    colour: 'teal',
    readOnly: false,
    delimiters: [':'],
    redis: {
      topology: 'standalone',
      nodes: [{ host: demo.redis.host, port: demo.redis.port }],
      socketPath: '',
      sentinelMaster: '',
      sentinelUsername: '',
      username: '',
      db: 0,
      tls: noTls,
      ssh: null,
    },
    postgres: {
      host: demo.postgres.host,
      port: demo.postgres.port,
      user: demo.postgres.user,
      database: demo.database,
      sslMode: 'disable',
      sslRootCert: '',
      sslCert: '',
      sslKey: '',
      passFile: '',
      options: '',
      ssh: null,
    },
  };
}

function problemOf(error: unknown): LookasideError {
  if (error instanceof LookasideError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new LookasideError('DEMO_UNAVAILABLE', code === 'ENOSPC' ? 'The disk is full' : `The demo does not start: ${message}`, {
    hint: code === 'ENOSPC' ? 'Free some space: the demo needs about 500 MB in the temporary folder.' : '',
    cause: error,
  });
}

/** The demo as the contract sees it: one at most, its state as snapshots, its workspace for as long as it lives. */
export function createDemoService(options: DemoServiceOptions): DemoService {
  const targetKeys = options.keys ?? defaultKeys;
  const off: DemoSnapshot = { state: 'off', workspaceId: null, step: '', keys: 0, targetKeys, seeded: false, requestsPerSecond: 0, problem: null };
  let snapshot = off;
  let version = 0;
  const wakers = new Set<() => void>();
  let current: { demo: RunningDemo | null; ending: AbortController; begun: Promise<void> } | null = null;

  const change = (to: Partial<DemoSnapshot>) => {
    snapshot = { ...snapshot, ...to };
    version += 1;
    for (const wake of wakers) wake();
  };

  const begin = async (run: NonNullable<typeof current>) => {
    const mine = () => current === run && !run.ending.signal.aborted;
    const fail = (error: unknown) => {
      if (mine()) change({ state: 'failed', step: '', requestsPerSecond: 0, problem: problemOf(error).toProblem() });
    };
    change({ ...off, state: 'starting', step: 'Looking for Redis and Postgres' });
    try {
      const { workspaces: _, ...how } = options;
      const demo = await startDemo({
        ...how,
        signal: run.ending.signal,
        onProgress: (progress) => {
          if (mine() && snapshot.state !== 'failed') change(progress);
        },
      });
      run.demo = demo;
      if (!mine()) return;
      const secrets = { 'redis.password': demo.redis.password, 'postgres.password': demo.postgres.password };
      change({ workspaceId: options.workspaces.addTransient(workspaceOf(demo), secrets, true).id });
      demo.ready.catch(fail);
      void demo.failed.then(fail);
    } catch (error) {
      fail(error);
    }
  };

  const end = async (run: NonNullable<typeof current>) => {
    run.ending.abort();
    await run.begun;
    await run.demo?.stop();
    if (snapshot.workspaceId !== null) options.workspaces.removeTransient(snapshot.workspaceId);
  };

  let turn: Promise<void> = Promise.resolve();
  /** Starts and stops take their turns, whatever order they are asked in. */
  const inTurn = (body: () => Promise<void>): Promise<void> => {
    turn = turn.then(body, body);
    return turn;
  };

  return {
    async *watch(signal) {
      let seen = -1;
      while (!signal.aborted) {
        if (seen === version) {
          await new Promise<void>((resolve) => {
            const wake = () => {
              wakers.delete(wake);
              signal.removeEventListener('abort', wake);
              resolve();
            };
            wakers.add(wake);
            signal.addEventListener('abort', wake, { once: true });
          });
          continue;
        }
        seen = version;
        yield snapshot;
        // A watcher that goes away during the pause ends the loop.
        await delay(betweenSnapshotsMs, undefined, { signal }).catch(() => undefined);
      }
    },

    /** Resolves when the workspace can be opened, or when the start has failed (the snapshot says why). */
    start: () =>
      inTurn(async () => {
        if (current && snapshot.state !== 'failed') return;
        if (current) await end(current);
        const run = { demo: null, ending: new AbortController(), begun: Promise.resolve() };
        current = run;
        run.begun = begin(run);
        await run.begun;
      }),

    stop() {
      // At once, so that a start under way is cut short and not waited for.
      current?.ending.abort();
      return inTurn(async () => {
        if (!current) return;
        change({ state: 'stopping', step: 'Stopping Redis and Postgres', requestsPerSecond: 0 });
        try {
          await end(current);
          current = null;
          change(off);
        } catch (error) {
          current = null;
          change({ ...off, state: 'failed', problem: problemOf(error).toProblem() });
        }
      });
    },
  };
}
