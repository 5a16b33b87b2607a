import { app, type WebContents } from 'electron';
import { isAppUrl } from './app-origin.ts';
import { openExternal } from './external-links.ts';

function lock(contents: WebContents, report: (error: unknown) => void): void {
  contents.on('will-navigate', (event) => {
    if (!isAppUrl(event.url)) event.preventDefault();
  });
  // Frames other than the main one do not exist in this app: none may go anywhere.
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame || !isAppUrl(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => {
    if (!isAppUrl(event.url)) event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openExternal(url, report);
    return { action: 'deny' };
  });
}

/** Keeps every window on the app's own page: no navigation away, no new windows, no webviews. */
export function lockNavigation(report: (error: unknown) => void): void {
  app.on('web-contents-created', (_event, contents) => lock(contents, report));
}
