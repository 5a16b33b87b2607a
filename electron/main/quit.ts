import { setTimeout as delay } from 'node:timers/promises';
import { app } from 'electron';

/** How long connections, jobs and the demo's servers may take to end. */
const closeDeadlineMs = 8_000;

/** Ends the host before the process: the quit waits for it, within a limit. Signals quit without questions. */
export function closeOnQuit(close: () => Promise<void>, onSignal: () => void, report: (error: unknown) => void): void {
  let closing = false;
  let closed = false;
  const finish = async (): Promise<void> => {
    try {
      const inTime = await Promise.race([close().then(() => true), delay(closeDeadlineMs, false)]);
      if (!inTime) report(new Error(`Not everything ended within ${closeDeadlineMs / 1000} s`));
    } catch (error) {
      report(error);
    }
    closed = true;
    app.quit();
  };
  app.on('will-quit', (event) => {
    if (closed) return;
    event.preventDefault();
    if (closing) return;
    closing = true;
    void finish();
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      onSignal();
      app.quit();
    });
  }
}
