import { join } from 'node:path';
import { app, dialog, session, type BrowserWindow } from 'electron';
import { LookasideError } from '../../shared/contract/errors.ts';
import { createDataFolder, dataFolderPath } from '../launch/data-folder.ts';
import { launchHost } from '../launch/launch-host.ts';
import { redact } from '../launch/redact.ts';
import { MissingBundle, openBundle } from '../page/bundle.ts';
import { registerAppScheme, serveApp } from './app-protocol.ts';
import { createCloseGuard } from './close-guard.ts';
import { offerReload } from './crash-offer.ts';
import { readMainArguments } from './main-arguments.ts';
import { openMainWindow } from './main-window.ts';
import { installMenu } from './menu.ts';
import { lockNavigation } from './navigation-lock.ts';
import { denyPermissions } from './permissions.ts';
import { openPortDesk } from './ports.ts';
import { closeOnQuit } from './quit.ts';
import { createSecretsVault } from './secrets-vault.ts';
import { focusOnSecondStart, isFirstInstance } from './single-instance.ts';

/** Before the app is ready: everything that cannot be changed later. */
function lockDown(): void {
  app.enableSandbox();
  if (app.isPackaged) {
    for (const port of ['remote-debugging-port', 'remote-debugging-pipe', 'inspect']) app.commandLine.removeSwitch(port);
  }
  registerAppScheme();
}

async function start(): Promise<void> {
  const given = readMainArguments(process.argv);
  const dataFolder = dataFolderPath(given.dataFolder, process.env);
  createDataFolder(dataFolder);
  // Also what single instance goes by: another data folder is another app.
  app.setPath('userData', join(dataFolder, 'electron'));
  if (!isFirstInstance()) {
    app.quit();
    return;
  }
  await app.whenReady();

  const bundle = await openBundle(app.isPackaged ? undefined : process.env['LOOKASIDE_PAGE']);
  const { host, log, close } = launchHost({
    face: 'electron',
    given,
    vault: await createSecretsVault(),
    environment: process.env,
    say: (line) => process.stderr.write(`${line}\n`),
  });
  const report = (error: unknown): void => log.error(error);
  let window: BrowserWindow | null = null;

  lockNavigation(report);
  denyPermissions(session.defaultSession);
  serveApp(bundle, report);
  const desk = openPortDesk(host.router, report);
  const guard = createCloseGuard(host.services.jobs, report);
  const open = (): void => {
    const opened = openMainWindow({ boundsFile: join(dataFolder, 'window.json'), desk, report });
    guard.watch(opened);
    offerReload(opened, report);
    opened.on('closed', () => {
      window = null;
    });
    window = opened;
  };
  installMenu((command) => {
    if (window === null) open();
    else desk.command(window.webContents, command);
  });
  focusOnSecondStart(() => window);
  closeOnQuit(
    async () => {
      guard.stop();
      desk.close();
      await close();
    },
    () => guard.allow(),
    report,
  );
  app.on('window-all-closed', () => {
    // On macOS an app lives on without windows and opens one when its icon is clicked.
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('activate', () => {
    if (window === null) open();
  });
  open();
}

function wordsFor(error: unknown): string {
  if (error instanceof LookasideError) return [error.message, error.hint].filter(Boolean).join('\n');
  return error instanceof Error ? (error instanceof MissingBundle ? error.message : (error.stack ?? error.message)) : String(error);
}

lockDown();
start().catch((error: unknown) => {
  const words = redact(wordsFor(error));
  process.stderr.write(`lookaside: ${words}\n`);
  dialog.showErrorBox('Lookaside cannot start', words);
  app.exit(error instanceof LookasideError ? 2 : 1);
});
