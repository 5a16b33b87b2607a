import { usualWindowMs, type BlastCheck, type BlastMethod, type BlastSnapshot } from '../../../../shared/contract/blast-radius.ts';
import { LookasideError, type Problem } from '../../../../shared/contract/errors.ts';
import type { BlastRadiusService, BulkService, ConnectionService, InvalidateService, WorkspaceService } from '../../services.ts';
import { snapshotStream, type SnapshotListener } from '../../snapshots.ts';
import type { RedisSession } from '../session.ts';
import { measureByMonitor, usualLimits, type MonitorLimits } from './measure-monitor.ts';
import { measureByFrequency, measureByIdleTime, readLogFactor } from './measure-sample.ts';
import { emptySnapshot, Measurement, problemOf } from './measurement.ts';
import { readTarget, workspaceOf } from './read-target.ts';
import { commandsPerSecond } from './server-readings.ts';
import { loadOf, StatementsWatch } from './statements.ts';

export interface BlastRadiusOptions {
  connections: Pick<ConnectionService, 'redis' | 'postgres'>;
  workspaces: Pick<WorkspaceService, 'get'>;
  bulk: Pick<BulkService, 'planNames'>;
  invalidate: Pick<InvalidateService, 'planRows'>;
  limits?: Partial<MonitorLimits>;
}

type Sampling = Parameters<BlastRadiusService['sample']>[0];

function refusal(code: 'UNSUPPORTED' | 'REDIS_NO_PERMISSION', message: string, hint: string): LookasideError {
  return new LookasideError(code, message, { hint });
}

function asProblem(error: unknown): Problem {
  return problemOf(error).toProblem();
}

/** What the probe of the connection said of a feature; `null` when nothing. */
function missing(session: RedisSession, words: RegExp): string | null {
  return session.facts().missing.find(({ reason }) => words.test(reason))?.reason ?? null;
}

/** Why a method cannot be used; throws. */
async function assertMethod(session: RedisSession, method: BlastMethod): Promise<void> {
  if (method === 'monitor') {
    const denied = missing(session, /may not run MONITOR$/u);
    if (denied !== null) throw refusal('REDIS_NO_PERMISSION', denied, 'Ask the administrator to allow MONITOR, or sample the keys.');
    return;
  }
  const policy = session.facts().maxmemoryPolicy;
  const lfu = policy?.includes('lfu') ?? false;
  if (method === 'frequency' && !lfu) {
    throw refusal('UNSUPPORTED', policy === null ? 'maxmemory-policy may not be read, and access frequencies are kept only under an LFU policy' : `Access frequencies are kept only under an LFU policy; this server has ${policy}`, 'Sample the idle times instead.');
  }
  if (method === 'idle-time' && lfu) throw refusal('UNSUPPORTED', `Under ${policy ?? 'an LFU policy'} the server keeps frequencies, no idle times`, 'Sample the frequencies instead.');
  const denied = missing(session, /may not run OBJECT/u);
  if (denied !== null) throw refusal('REDIS_NO_PERMISSION', denied, 'Ask the administrator to allow OBJECT.');
  if (method === 'frequency') await readLogFactor(session);
}

/** How many reads would miss if keys were gone, and what that would mean for the Postgres behind them. */
export function createBlastRadiusService({ connections, workspaces, bulk, invalidate, limits }: BlastRadiusOptions): BlastRadiusService {
  async function check(workspaceId: string): Promise<BlastCheck> {
    const session = connections.redis(workspaceId);
    const workspace = await workspaces.get(workspaceId);
    const methods = await Promise.all(
      (['monitor', 'frequency', 'idle-time'] as const).map(async (method) => {
        const problem = await assertMethod(session, method).then(() => null, asProblem);
        return { method, problem, unit: method === 'monitor' ? ('reads' as const) : ('accesses' as const) };
      }),
    );
    const usable = methods.filter(({ problem }) => problem === null).map(({ method }) => method);
    const quiet = usable.find((method) => method !== 'monitor') ?? null;
    const signal = new AbortController().signal;
    const speeds = await Promise.all((await session.masters()).map(({ id }) => commandsPerSecond(session, id, signal)));
    return {
      methods,
      suggested: workspace.environment === 'production' ? quiet : usable.includes('monitor') ? 'monitor' : quiet,
      environment: workspace.environment,
      masters: speeds.length,
      commandsPerSecond: speeds.some((speed) => speed === null) ? null : speeds.reduce<number>((sum, speed) => sum + (speed ?? 0), 0),
      policy: session.facts().maxmemoryPolicy,
      postgres: workspace.postgres !== null,
    };
  }

  /** The statements beside the window, or why they cannot be known. Never fails the measurement of Redis. */
  async function beginPostgres(workspaceId: string, signal: AbortSignal, change: (part: Partial<BlastSnapshot>) => void): Promise<StatementsWatch | null> {
    if ((await workspaces.get(workspaceId)).postgres === null) return null;
    try {
      const watch = new StatementsWatch(connections.postgres(workspaceId), signal);
      change({ postgres: { state: 'measuring' } });
      await watch.begin();
      return watch;
    } catch (error) {
      change({ postgres: { state: 'unknown', problem: asProblem(error) } });
      return null;
    }
  }

  async function measure({ target, method, windowMs = usualWindowMs, statementId = null }: Sampling, signal: AbortSignal, read: () => BlastSnapshot, change: (part: Partial<BlastSnapshot>) => void): Promise<void> {
    const workspaceId = workspaceOf(target);
    const session = connections.redis(workspaceId);
    const keys = await readTarget(target, { bulk, invalidate, session, signal });
    await assertMethod(session, method);
    const work = new Measurement({ session, target: keys, windowMs, signal, change });
    const postgres = await beginPostgres(workspaceId, signal, change);
    if (method === 'monitor') await measureByMonitor(work, { ...usualLimits, ...limits });
    else await (method === 'frequency' ? measureByFrequency(work) : measureByIdleTime(work));
    if (postgres !== null) {
      try {
        const known = await postgres.end();
        const { misses } = read();
        change({ postgres: { ...known, load: statementId === null || misses === null ? null : loadOf(known.statements, statementId, misses) } });
      } catch (error) {
        change({ postgres: { state: 'unknown', problem: asProblem(error) } });
      }
    }
    change({ state: 'done' });
  }

  async function* sample(input: Sampling, signal: AbortSignal): AsyncGenerator<BlastSnapshot, void, void> {
    const { method, acceptCost = false, windowMs = usualWindowMs } = input;
    if (method === 'monitor' && !acceptCost) {
      throw new LookasideError('INVALID_INPUT', 'MONITOR costs the servers throughput: it is used only where that is accepted', { hint: 'Accept the cost, or sample the keys.', details: { field: 'acceptCost' } });
    }
    const leaving = new AbortController();
    const leave = (): void => leaving.abort();
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
    const listeners = new Set<SnapshotListener>();
    const tell = (event: 'changed' | 'ended'): void => {
      for (const listener of listeners) listener(event);
    };
    let snapshot = emptySnapshot(method, windowMs);
    let failure: { error: unknown } | null = null;
    let over = false;
    const change = (part: Partial<BlastSnapshot>): void => {
      snapshot = { ...snapshot, ...part };
      tell('changed');
    };
    const work = measure(input, leaving.signal, () => snapshot, change)
      .catch((error: unknown) => {
        failure = { error };
      })
      .finally(() => {
        over = true;
        tell('ended');
      });
    try {
      yield* snapshotStream({
        read: () => {
          if (failure !== null) throw failure.error;
          return snapshot;
        },
        subscribe: (listener) => {
          listeners.add(listener);
          if (over) listener('ended');
          return () => listeners.delete(listener);
        },
        signal,
        minIntervalMs: 200,
      });
    } finally {
      signal.removeEventListener('abort', leave);
      leave();
      await work;
    }
  }

  return { check, sample };
}
