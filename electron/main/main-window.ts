import { join } from 'node:path';
import { app, BrowserWindow, nativeTheme } from 'electron';
import { packageRoot } from '../page/package-root.ts';
import { appUrl } from './app-origin.ts';
import type { PortDesk } from './ports.ts';
import { initialBounds, rememberBounds, smallest } from './window-bounds.ts';

/** Opens the window on the app's page. It is shown once the page has painted. */
export function openMainWindow(options: { boundsFile: string; desk: PortDesk; report: (error: unknown) => void }): BrowserWindow {
  const { bounds, maximized } = initialBounds(options.boundsFile);
  const window = new BrowserWindow({
    ...bounds,
    minWidth: smallest.width,
    minHeight: smallest.height,
    show: false,
    title: 'Lookaside',
    // What stands there until the page has painted: no white flash in the dark.
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#17181a' : '#ffffff',
    webPreferences: {
      preload: join(packageRoot, 'dist', 'preload', 'preload.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      safeDialogs: true,
      spellcheck: false,
      devTools: !app.isPackaged,
    },
  });
  options.desk.register(window.webContents);
  rememberBounds(window, options.boundsFile, options.report);
  window.once('ready-to-show', () => {
    if (maximized) window.maximize();
    window.show();
  });
  window.loadURL(appUrl).catch(options.report);
  return window;
}
