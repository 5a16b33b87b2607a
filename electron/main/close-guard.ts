import { dialog, type BrowserWindow } from 'electron';
import type { JobSnapshot } from '../../shared/contract/jobs.ts';
import type { JobService } from '../host/services.ts';

const unfinished: ReadonlySet<JobSnapshot['state']> = new Set(['queued', 'running', 'paused', 'cancelling']);

export interface CloseGuard {
  watch(window: BrowserWindow): void;
  /** From now on windows close without asking (a signal, or the answer was given). */
  allow(): void;
  stop(): void;
}

/** Asks before a window closes over running jobs; keeping it open is the answer that Enter and Escape give. */
export function createCloseGuard(jobs: JobService, report: (error: unknown) => void): CloseGuard {
  const stopped = new AbortController();
  let running: JobSnapshot[] = [];
  let allowed = false;
  const follow = async (): Promise<void> => {
    for await (const snapshot of jobs.watch(stopped.signal)) running = snapshot.filter(({ state }) => unfinished.has(state));
  };
  follow().catch((error: unknown) => {
    if (!stopped.signal.aborted) report(error);
  });

  const askThenClose = async (window: BrowserWindow): Promise<void> => {
    const { response } = await dialog.showMessageBox(window, {
      type: 'warning',
      message: running.length === 1 ? 'A job is running' : `${running.length} jobs are running`,
      detail: `${running.map(({ title }) => title).join('\n')}\n\nClosing cancels what is not done yet; what is done stays done.`,
      buttons: ['Keep open', 'Cancel jobs and close'],
      defaultId: 0,
      cancelId: 0,
      noLink: true,
    });
    if (response !== 1) return;
    allowed = true;
    window.close();
  };

  return {
    watch: (window) => {
      window.on('close', (event) => {
        if (allowed || running.length === 0) return;
        event.preventDefault();
        askThenClose(window).catch(report);
      });
    },
    allow: () => {
      allowed = true;
    },
    stop: () => stopped.abort(),
  };
}
