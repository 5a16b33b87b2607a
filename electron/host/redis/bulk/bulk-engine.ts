import type { AuditJournal } from '../../connections/audit-journal.ts';
import type { BulkService, ConnectionService, InvalidateService, JobService, KeyService, SettingsService, WorkspaceService } from '../../services.ts';
import { createBulkService } from './bulk-service.ts';
import { createInvalidateService } from './invalidate-service.ts';
import { Quota } from './journal/quota.ts';
import { RunStore } from './journal/run-store.ts';
import { NameLists } from './name-lists.ts';
import { PlanStore } from './plan-store.ts';
import { RunService } from './run-service.ts';

export interface BulkEngineOptions {
  connections: Pick<ConnectionService, 'redis'>;
  workspaces: Pick<WorkspaceService, 'get'>;
  jobs: Pick<JobService, 'start' | 'cancel'>;
  settings: Pick<SettingsService, 'all' | 'save'>;
  audit: AuditJournal;
  /** Told of keys that come and go. */
  keys?: Pick<KeyService, 'noteChange'>;
  /** The data folder; plans and journals go to `bulk` in it, exports to `exports`. */
  folder: string;
  report: (error: unknown) => void;
}

/** What both services stand on: plans, runs and their journals, lists of names. */
export interface BulkEngine extends BulkEngineOptions {
  store: RunStore;
  quota: Quota;
  plans: PlanStore;
  lists: NameLists;
  runs: RunService;
}

/** Changes of many keys: of their expiries (`bulk`), and of the keys themselves (`invalidate`). */
export function createBulkServices(options: BulkEngineOptions): { bulk: BulkService; invalidate: InvalidateService } {
  const store = new RunStore(options.folder);
  const quota = new Quota(options.settings, store);
  const plans = new PlanStore(store, options.report);
  const runs = new RunService({ ...options, store, quota, plans });
  const engine: BulkEngine = { ...options, store, quota, plans, lists: new NameLists(), runs };
  return { bulk: createBulkService(engine), invalidate: createInvalidateService(engine) };
}
