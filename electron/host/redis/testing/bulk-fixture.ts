import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlanSnapshot, RunSnapshot } from '../../../../shared/contract/bulk.ts';
import type { Workspace } from '../../../../shared/contract/workspaces.ts';
import { createAuditJournal } from '../../connections/audit-journal.ts';
import { makeSession, type OpenedSession, type TestProfile } from '../../connections/redis/testing/open-session.ts';
import { createJobService } from '../../jobs/job-service.ts';
import type { BulkService, InvalidateService, JobService } from '../../services.ts';
import { createSettingsService } from '../../store/settings-service.ts';
import { createBulkServices } from '../bulk/bulk-engine.ts';
import type { Command, RedisReply, RedisSession } from '../session.ts';

type PlanInput = Parameters<BulkService['planTtl']>[0];
type Keys = PlanInput['selection']['keys'];

export interface BulkFixture {
  bulk: BulkService;
  invalidate: InvalidateService;
  jobs: JobService;
  session: RedisSession;
  opened: OpenedSession;
  folder: string;
  workspace: Workspace;
  run(...command: Command): Promise<RedisReply>;
  /** The last snapshot of a plan. */
  plan(keys: Keys | string, action: PlanInput['action'], more?: { exclude?: PlanInput['selection']['exclude']; db?: number }): Promise<PlanSnapshot>;
  /** Plans, runs and waits for the end. */
  change(keys: Keys | string, action: PlanInput['action']): Promise<{ plan: PlanSnapshot; runId: string; end: RunSnapshot }>;
  start(plan: PlanSnapshot): Promise<{ runId: string; jobId: string }>;
  /** The last snapshot of a run or undo. */
  ended(runId: string): Promise<RunSnapshot>;
  undo(runId: string, options?: { force?: boolean; expirePast?: boolean }): Promise<RunSnapshot>;
  audit(): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

const never = new AbortController().signal;

export async function last<T>(stream: AsyncIterable<T>): Promise<T> {
  let found: T | undefined;
  for await (const each of stream) found = each;
  if (found === undefined) throw new Error('The stream gave nothing');
  return found;
}

/** A glob over the database, as a selection. */
export function byGlob(pattern: string): Keys {
  return { kind: 'filter', filter: { pattern, mode: 'glob' } };
}

export interface BulkFixtureOptions {
  secrets?: Record<string, string>;
  readOnly?: boolean;
  workspace?: Partial<Workspace>;
  /** Stands between the services and the session. */
  wrap?: (session: RedisSession) => RedisSession;
  /** One that stays after `close`. */
  folder?: string;
}

/** The bulk service over a real session, with a data folder of its own. */
export async function openBulk(profile: TestProfile, options: BulkFixtureOptions = {}): Promise<BulkFixture> {
  const opened = await makeSession(profile, { ...(options.secrets === undefined ? {} : { secrets: options.secrets }), readOnly: options.readOnly ?? false });
  await opened.session.open();
  const session = options.wrap?.(opened.session) ?? opened.session;
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'lookaside-bulk-')));
  const faults: unknown[] = [];
  const report = (error: unknown): void => void faults.push(error);
  const jobs = createJobService({ report });
  const workspace: Workspace = {
    id: 'test',
    name: 'Test',
    environment: 'local',
    colour: 'gray',
    readOnly: false,
    delimiters: [':'],
    redis: null,
    postgres: null,
    demo: false,
    secrets: {},
    lastOpenedAt: null,
    ...options.workspace,
  };
  const { bulk, invalidate } = createBulkServices({
    connections: { redis: () => session },
    workspaces: { get: async () => workspace },
    jobs,
    settings: createSettingsService({ folder }),
    audit: createAuditJournal(folder),
    folder,
    report,
  });
  const ended = (runId: string): Promise<RunSnapshot> => last(bulk.watchRun(runId, never));
  const plan: BulkFixture['plan'] = (keys, action, { exclude = [], db = 0 } = {}) =>
    last(bulk.planTtl({ selection: { workspaceId: 'test', db, keys: typeof keys === 'string' ? byGlob(keys) : keys, exclude }, action }, never));
  const start: BulkFixture['start'] = ({ planId, wouldChange }) => bulk.runTtl({ planId, confirm: { count: wouldChange, name: workspace.name } });
  return {
    bulk,
    invalidate,
    jobs,
    session: opened.session,
    opened,
    folder,
    workspace,
    run: (...command) => opened.session.call(0, command),
    plan,
    start,
    ended,
    change: async (keys, action) => {
      const ready = await plan(keys, action);
      const { runId } = await start(ready);
      return { plan: ready, runId, end: await ended(runId) };
    },
    undo: async (runId, given = {}) => {
      await bulk.undoTtl({ runId, ...given });
      return ended(runId);
    },
    audit: async () =>
      (await readFile(join(folder, 'audit.jsonl'), 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    close: async () => {
      bulk.closing();
      await jobs.closeAll();
      await bulk.closeAll();
      await opened.close();
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
      if (faults.length > 0) throw new AggregateError(faults, 'Faults were reported');
    },
  };
}
