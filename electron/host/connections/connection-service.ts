import { join } from 'node:path';
import type { ConnectionSnapshot, TestSnapshot } from '../../../shared/contract/connections.ts';
import { LookasideError } from '../../../shared/contract/errors.ts';
import type { SecretChanges, Workspace } from '../../../shared/contract/workspaces.ts';
import type { ConnectionService, WorkspaceService } from '../services.ts';
import { snapshotStream } from '../snapshots.ts';
import { createAuditJournal } from './audit-journal.ts';
import { trustHostKey } from './dial/known-hosts-file.ts';
import { createPostgresSide, type PostgresDriver, type PostgresSide } from './postgres-side.ts';
import { createReadOnlyGate, type ReadOnlyGate } from './read-only/gate.ts';
import { testRedis } from './redis/redis-test.ts';
import { createRedisSession, type LiveRedisSession } from './redis/redis-session.ts';

interface OpenWorkspace {
  workspaceId: string;
  gate: ReadOnlyGate;
  redis: LiveRedisSession | null;
  postgres: PostgresSide | null;
  watchers: number;
  /** Told of changes of either side, and with `ended` when the workspace closes. */
  listeners: Set<(event?: 'changed' | 'ended') => void>;
}

export interface ConnectionDependencies {
  workspaces: WorkspaceService;
  /** The data folder; the audit journal and this app's known_hosts live there. */
  folder: string;
  environment: NodeJS.ProcessEnv;
  report: (error: unknown) => void;
  /** How Postgres is opened and tested; without it the Postgres side of a workspace stays closed. */
  postgres?: PostgresDriver;
}

/** Opens, watches, tests and closes the two sides of workspaces. */
export function createConnectionService({ workspaces, folder, environment, report, postgres: driver }: ConnectionDependencies): ConnectionService {
  const journal = createAuditJournal(folder);
  const knownHostsFile = join(folder, 'known_hosts');
  const open = new Map<string, OpenWorkspace>();
  const opening = new Map<string, Promise<OpenWorkspace>>();

  function snapshotOf(entry: OpenWorkspace): ConnectionSnapshot {
    return { workspaceId: entry.workspaceId, redis: entry.redis?.status() ?? null, postgres: entry.postgres?.status() ?? null };
  }

  const hasFailed = (entry: OpenWorkspace): boolean => [entry.redis, entry.postgres].some((side) => side?.status().state === 'failed');

  function entryOf(workspaceId: string): OpenWorkspace {
    const entry = open.get(workspaceId);
    if (entry === undefined) throw new LookasideError('NOT_CONNECTED', 'This workspace is not open', { hint: 'Open it first.' });
    return entry;
  }

  async function openFresh(workspace: Workspace, secrets: SecretChanges): Promise<OpenWorkspace> {
    if (workspace.redis === null && workspace.postgres === null) {
      throw new LookasideError('INVALID_INPUT', 'This workspace names neither a Redis nor a Postgres', { hint: 'Edit it and give an address.' });
    }
    const tell = (): void => {
      for (const listener of entry.listeners) listener('changed');
    };
    const gate = createReadOnlyGate({
      workspaceId: workspace.id,
      workspaceName: workspace.name,
      readOnly: workspace.readOnly,
      journal,
      onChange: tell,
      report,
    });
    const shared = { secrets, environment, knownHostsFile };
    const redis =
      workspace.redis === null ? null : createRedisSession({ workspaceId: workspace.id, profile: workspace.redis, ...shared, gate, report });
    const postgres =
      workspace.postgres === null || driver === undefined ? null : createPostgresSide(driver, { profile: workspace.postgres, ...shared }, tell);
    const entry: OpenWorkspace = { workspaceId: workspace.id, gate, redis, postgres, watchers: 0, listeners: new Set() };
    redis?.onChange(tell);
    const second = postgres?.open();
    try {
      if (redis === null) await second;
      else {
        // its failure is in the snapshot
        second?.catch(reportFault);
        await redis.open();
      }
    } catch (error) {
      await closeEntry(entry);
      throw error;
    }
    return entry;
  }

  function reportFault(error: unknown): void {
    if (!(error instanceof LookasideError)) report(error);
  }

  async function closeEntry(entry: OpenWorkspace): Promise<void> {
    entry.gate.close();
    await Promise.all([entry.redis?.close(), entry.postgres?.close()]);
    for (const listener of entry.listeners) listener('ended');
  }

  async function close(workspaceId: string): Promise<void> {
    await opening.get(workspaceId)?.catch(() => undefined);
    const entry = open.get(workspaceId);
    if (entry === undefined) return;
    open.delete(workspaceId);
    await closeEntry(entry);
  }

  async function* testSide(
    { workspaceId, draft, secrets, side }: Parameters<ConnectionService['test']>[0],
    signal: AbortSignal,
  ): AsyncGenerator<TestSnapshot, TestSnapshot, void> {
    const saved = workspaceId === undefined ? {} : await workspaces.secretsOf(workspaceId);
    const shared = { secrets: { ...saved, ...secrets }, environment, knownHostsFile };
    if (side === 'redis' && draft.redis !== null) return yield* testRedis({ profile: draft.redis, ...shared }, signal);
    if (side === 'postgres' && draft.postgres !== null && driver !== undefined) return yield* driver.test({ profile: draft.postgres, ...shared }, signal);
    throw new LookasideError('INVALID_INPUT', `There is no ${side === 'redis' ? 'Redis' : 'Postgres'} to test`, { hint: 'Fill in its address first.' });
  }

  return {
    open: async (workspaceId, given) => {
      const running = opening.get(workspaceId);
      if (running !== undefined) return snapshotOf(await running);
      const known = open.get(workspaceId);
      // new secrets for a side that failed for want of them mean: try with these
      if (known !== undefined && (!hasFailed(known) || Object.keys(given).length === 0)) return snapshotOf(known);
      const started = (async () => {
        const workspace = await workspaces.get(workspaceId);
        const secrets = { ...(await workspaces.secretsOf(workspaceId)), ...given };
        const entry = await openFresh(workspace, secrets);
        if (known !== undefined) await closeEntry(known);
        open.set(workspaceId, entry);
        await workspaces.touch(workspaceId).catch(report);
        return entry;
      })();
      opening.set(workspaceId, started);
      try {
        return snapshotOf(await started);
      } finally {
        opening.delete(workspaceId);
      }
    },
    close,
    opened: () => [...open.keys()],
    watch: (workspaceId, signal) => {
      const entry = entryOf(workspaceId);
      return snapshotStream({
        read: () => snapshotOf(entry),
        subscribe: (listener) => {
          entry.listeners.add(listener);
          entry.watchers += 1;
          entry.redis?.setWatched(true);
          return () => {
            entry.listeners.delete(listener);
            entry.watchers -= 1;
            if (entry.watchers === 0) entry.redis?.setWatched(false);
          };
        },
        signal,
        minIntervalMs: 200,
        maxIntervalMs: 5000,
      });
    },
    retry: async (workspaceId) => {
      const { redis, postgres } = entryOf(workspaceId);
      await Promise.all([redis?.retry(), postgres?.retry()]);
    },
    test: ({ workspaceId, draft, secrets, side }, signal) => testSide({ workspaceId, draft, secrets, side }, signal),
    trustHostKey: (key) => trustHostKey(knownHostsFile, key),
    unlock: async (workspaceId, minutes, reason) => {
      const entry = entryOf(workspaceId);
      await entry.gate.unlock(minutes, reason);
      return snapshotOf(entry);
    },
    lock: async (workspaceId) => {
      const entry = entryOf(workspaceId);
      await entry.gate.lock();
      return snapshotOf(entry);
    },
    redis: (workspaceId) => {
      const { redis } = entryOf(workspaceId);
      if (redis === null) throw new LookasideError('NOT_CONNECTED', 'This workspace has no Redis');
      return redis;
    },
    postgres: (workspaceId) => {
      const { postgres } = entryOf(workspaceId);
      if (postgres === null) throw new LookasideError('NOT_CONNECTED', 'This workspace has no Postgres');
      return postgres.session();
    },
    closeAll: async () => {
      await Promise.all([...new Set([...open.keys(), ...opening.keys()])].map(close));
    },
  };
}
