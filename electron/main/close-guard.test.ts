import { EventEmitter } from 'node:events';
import type { BrowserWindow } from 'electron';
import { beforeEach, expect, it, vi } from 'vitest';
import type { JobSnapshot } from '../../shared/contract/jobs.ts';
import type { JobService } from '../host/services.ts';
import { createCloseGuard } from './close-guard.ts';

const showMessageBox = vi.hoisted(() => vi.fn());
vi.mock('electron', () => ({ dialog: { showMessageBox } }));

class FakeWindow extends EventEmitter {
  closed = false;
  close(): void {
    let prevented = false;
    this.emit('close', {
      preventDefault: () => {
        prevented = true;
      },
    });
    this.closed = !prevented;
  }
}

const job = { title: 'Export 12 names', state: 'running' } as JobSnapshot;

/** A guard that has already heard of these jobs, and its window. */
async function guarded(jobs: JobSnapshot[]): Promise<{ window: FakeWindow; guard: ReturnType<typeof createCloseGuard> }> {
  let heard: () => void = () => undefined;
  const told = new Promise<void>((resolve) => {
    heard = resolve;
  });
  const service = {
    watch: async function* () {
      yield jobs;
      heard();
    },
  } as unknown as JobService;
  const guard = createCloseGuard(service, (error) => {
    throw error;
  });
  const window = new FakeWindow();
  guard.watch(window as unknown as BrowserWindow);
  await told;
  return { window, guard };
}

beforeEach(() => {
  showMessageBox.mockReset();
});

it('closes without a word when no job runs', async () => {
  const { window } = await guarded([{ ...job, state: 'done' }]);
  window.close();
  expect([window.closed, showMessageBox.mock.calls]).toEqual([true, []]);
});

it('keeps the window open over a running job unless told otherwise, and Cancel is what Enter does', async () => {
  const { window } = await guarded([job]);
  showMessageBox.mockResolvedValue({ response: 0 });
  window.close();
  expect(window.closed).toBe(false);
  expect(showMessageBox).toHaveBeenCalledWith(window, expect.objectContaining({ message: 'A job is running', defaultId: 0, cancelId: 0, buttons: ['Keep open', 'Cancel jobs and close'] }));
  expect(showMessageBox.mock.calls[0]?.[1]).toHaveProperty('detail', expect.stringContaining('Export 12 names'));
  showMessageBox.mockResolvedValue({ response: 1 });
  window.close();
  await vi.waitUntil(() => window.closed);
});

it('asks nothing on a signal', async () => {
  const { window, guard } = await guarded([job]);
  guard.allow();
  window.close();
  expect([window.closed, showMessageBox.mock.calls]).toEqual([true, []]);
});
