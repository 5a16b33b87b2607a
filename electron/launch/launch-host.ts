import { createDemoService } from '../demo/demo-service.ts';
import { createHost, type Host } from '../host/host.ts';
import type { SecretVault } from '../host/services.ts';
import { packageVersion } from '../page/package-root.ts';
import { createDataFolder, dataFolderPath } from './data-folder.ts';
import type { LaunchArguments } from './launch-arguments.ts';
import { createLog, type Log } from './log.ts';
import { join } from 'node:path';
import { namedWorkspace } from './named-workspace.ts';

export interface Launched {
  host: Host;
  log: Log;
  dataFolder: string;
  /** Closes everything; safe to call twice. */
  close(): Promise<void>;
}

/**
 * Puts the host together for a face: data folder, log, the workspace that the arguments name, the demo.
 * @throws PARSE_FAILED for a `--url` or `--pg` that names no server, STORE_FAILED for a data folder that cannot be used
 */
export function launchHost(options: {
  face: 'electron' | 'browser';
  given: LaunchArguments;
  vault: SecretVault;
  environment: NodeJS.ProcessEnv;
  say: (line: string) => void;
}): Launched {
  const { given } = options;
  // Read first: a bad address must not leave a data folder behind.
  const named = namedWorkspace(given);
  const dataFolder = dataFolderPath(given.dataFolder, options.environment);
  createDataFolder(dataFolder);
  const log = createLog({ file: join(dataFolder, 'lookaside.log'), say: options.say });
  const report = (error: unknown): void => log.error(error);
  const host = createHost({
    version: packageVersion,
    face: options.face,
    dataFolder,
    vault: options.vault,
    environment: options.environment,
    report,
    demo: ({ workspaces }) =>
      createDemoService({
        workspaces,
        ...(given.keys === undefined ? {} : { keys: given.keys }),
        ...(given.rate === undefined ? {} : { rate: given.rate }),
      }),
    prepare: ({ workspaces }) => ({
      startWorkspaceId: named === null ? null : workspaces.addTransient(named.draft, named.secrets, false, named.id).id,
      openDemo: given.demo && named === null,
    }),
  });
  log.info(`Lookaside ${packageVersion} (${options.face}) on Node ${process.versions.node}, ${process.platform}`);
  // Its progress and its failure are in the demo's own stream; the face opens meanwhile.
  if (given.demo) host.services.demo.start().catch(report);
  let closing: Promise<void> | null = null;
  return { host, log, dataFolder, close: () => (closing ??= host.close()) };
}
