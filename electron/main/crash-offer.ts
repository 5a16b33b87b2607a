import { app, dialog, type BrowserWindow } from 'electron';

/** Offers to load the page again when its process ended by itself or does not answer; the host and its jobs go on. */
export function offerReload(window: BrowserWindow, report: (error: unknown) => void): void {
  const ask = async (message: string, detail: string, other: string): Promise<boolean> => {
    const { response } = await dialog.showMessageBox(window, {
      type: 'error',
      message,
      detail,
      buttons: ['Reload the page', other],
      defaultId: 0,
      cancelId: 1,
      noLink: true,
    });
    return response === 0;
  };
  window.webContents.on('render-process-gone', (_event, details) => {
    if (details.reason === 'clean-exit' || window.isDestroyed()) return;
    report(new Error(`The page's process ended: ${details.reason} (${details.exitCode})`));
    ask('The page ended unexpectedly', 'Connections and jobs go on. Reloading brings the page back where it was.', 'Quit')
      .then((reload) => (reload ? window.reload() : app.quit()))
      .catch(report);
  });
  let asking = false;
  window.on('unresponsive', () => {
    if (asking) return;
    asking = true;
    ask('The page does not answer', 'It may be busy. Connections and jobs go on.', 'Wait')
      .then((reload) => {
        asking = false;
        if (reload) window.reload();
      })
      .catch(report);
  });
}
