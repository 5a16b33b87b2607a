import { createAuditJournal } from './connections/audit-journal.ts';
import { createAuditService } from './connections/audit/audit-service.ts';
import { createConnectionService } from './connections/connection-service.ts';
import { createJobService } from './jobs/job-service.ts';
import { postgresDriver } from './postgres/postgres-driver.ts';
import { createEditJournal } from './redis/edit/edit-journal.ts';
import { createEditService } from './redis/edit/edit-service.ts';
import { createBlastRadiusService } from './redis/blast-radius/blast-radius-service.ts';
import { createBulkServices } from './redis/bulk/bulk-engine.ts';
import { createDecodeService } from './redis/decode-service.ts';
import { createKeyService } from './redis/key-service.ts';
import { createLiveEventsService } from './redis/live-events/live-events-service.ts';
import { createValueService } from './redis/value-service.ts';
import { createValueWorkService } from './redis/value-work-service.ts';
import { createRunbookService } from './runbooks/runbook-service.ts';
import { createRouter, type HostRouter } from './router.ts';
import type { DemoService, HostServices, SecretVault, WorkspaceService } from './services.ts';
import { createSettingsService } from './store/settings-service.ts';
import { createWorkspaceService } from './store/workspace-service.ts';

export interface HostOptions {
  version: string;
  face: 'electron' | 'browser';
  /** Where profiles, history and journals live; created when missing. */
  dataFolder: string;
  vault: SecretVault;
  environment: NodeJS.ProcessEnv;
  /** Gets unexpected failures, for the log. They may hold secrets: redact before writing. */
  report: (error: unknown) => void;
  /** The demo needs what it fills in, so it is made here from the host's own services. */
  demo: (host: { workspaces: WorkspaceService }) => DemoService;
  /** Adds the workspaces that the command line names and says which to open at once. */
  prepare?: (host: { workspaces: WorkspaceService }) => { startWorkspaceId: string | null; openDemo: boolean };
}

export interface Host {
  router: HostRouter;
  services: HostServices;
  /** Ends jobs at a batch boundary, closes connections, stops the demo. */
  close(): Promise<void>;
}

/** Puts the host together. It knows no Electron and no HTTP: a face carries `router`. */
export function createHost(options: HostOptions): Host {
  const folder = options.dataFolder;
  const workspaces = createWorkspaceService({ folder, vault: options.vault, environment: options.environment });
  const settings = createSettingsService({ folder });
  const jobs = createJobService({ report: options.report });
  const connections = createConnectionService({
    workspaces,
    folder,
    environment: options.environment,
    report: options.report,
    postgres: postgresDriver,
  });
  const keys = createKeyService({ connections, workspaces, jobs, folder });
  const values = createValueService({ connections });
  const audit = createAuditJournal(folder);
  const edit = createEditService({ connections, workspaces, keys, journal: createEditJournal(folder), audit, report: options.report });
  const { bulk, invalidate } = createBulkServices({ connections, workspaces, jobs, settings, audit, keys, folder, report: options.report });
  const liveEvents = createLiveEventsService({ connections, workspaces, folder, report: options.report });
  const decode = createDecodeService({ connections });
  const valueWork = createValueWorkService({ connections, workspaces, jobs, audit, folder });
  const blastRadius = createBlastRadiusService({ connections, workspaces, bulk, invalidate });
  const demo = options.demo({ workspaces });
  const start = options.prepare?.({ workspaces }) ?? { startWorkspaceId: null, openDemo: false };
  const services: HostServices = {
    workspaces,
    connections,
    keys,
    values,
    edit,
    bulk,
    invalidate,
    liveEvents,
    decode,
    valueWork,
    runbooks: createRunbookService({ folder, workspaces, audit }),
    audit: createAuditService({ folder, jobs }),
    blastRadius,
    jobs,
    settings,
    demo,
    info: {
      version: options.version,
      face: options.face,
      dataFolder: folder,
      secrets: { persistent: options.vault.persistent, reason: options.vault.reason },
      ...start,
    },
  };
  return {
    router: createRouter(services),
    services,
    close: async () => {
      bulk.closing();
      await jobs.closeAll();
      await bulk.closeAll();
      await liveEvents.closeAll();
      await keys.closeAll();
      await decode.close();
      await connections.closeAll();
      await demo.stop();
    },
  };
}
