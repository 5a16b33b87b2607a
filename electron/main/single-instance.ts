import { app, type BrowserWindow } from 'electron';

/** Whether this is the first process on this data folder. The second leaves; the first then comes to the front. */
export function isFirstInstance(): boolean {
  return app.requestSingleInstanceLock();
}

export function focusOnSecondStart(window: () => BrowserWindow | null): void {
  app.on('second-instance', () => {
    const open = window();
    if (open === null) return;
    if (open.isMinimized()) open.restore();
    open.show();
    open.focus();
  });
}
