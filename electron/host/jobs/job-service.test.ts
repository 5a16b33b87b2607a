import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LookasideError } from '../../../shared/contract/errors.ts';
import type { JobSnapshot } from '../../../shared/contract/jobs.ts';
import type { JobControl, JobService } from '../services.ts';
import { createJobService } from './job-service.ts';

const reported: unknown[] = [];
let jobs: JobService;
beforeEach(() => {
  reported.length = 0;
  jobs = createJobService({ report: (error) => reported.push(error) });
});
afterEach(() => jobs.closeAll());

const about = { kind: 'export-names', workspaceId: 'w', title: 'Export', unit: 'names', total: 10 } as const;

/** The present state of all jobs, as a fresh watcher sees it. */
async function snapshots(): Promise<JobSnapshot[]> {
  const stream = jobs.watch(new AbortController().signal);
  const { value } = await stream.next();
  await stream.return();
  return value as JobSnapshot[];
}
const snapshot = async (jobId: string) => (await snapshots()).find((each) => each.jobId === jobId) as JobSnapshot;
const reaches = (jobId: string, state: JobSnapshot['state']) =>
  vi.waitFor(async () => expect((await snapshot(jobId)).state).toBe(state), { interval: 5, timeout: 5000 });

/** A body of ten batches, each let through by the test. */
function steps() {
  let allow = 0;
  const seen: number[] = [];
  const body = async ({ checkpoint, report }: JobControl) => {
    for (let done = 1; done <= 10; done += 1) {
      await vi.waitFor(() => expect(allow).toBeGreaterThanOrEqual(done), { interval: 1, timeout: 10_000 });
      await checkpoint();
      seen.push(done);
      report({ done });
    }
  };
  return { body, seen, allow: (count: number) => (allow = count) };
}

describe('states', () => {
  test('a job runs to its end', async () => {
    const work = steps();
    const jobId = jobs.start(about, work.body);
    await reaches(jobId, 'running');
    work.allow(4);
    await vi.waitFor(async () => expect((await snapshot(jobId)).done).toBe(4));
    work.allow(10);
    await reaches(jobId, 'done');
    expect(await snapshot(jobId)).toMatchObject({ done: 10, total: 10, rate: 0, etaMs: null, problem: null, endedAt: expect.any(Number) });
  });

  test('pause holds the body at its checkpoint, resume lets it go on', async () => {
    const work = steps();
    const jobId = jobs.start(about, work.body);
    work.allow(3);
    await vi.waitFor(() => expect(work.seen).toHaveLength(3));
    expect(jobs.pause(jobId).state).toBe('paused');
    work.allow(10);
    await expect(vi.waitFor(() => expect(work.seen.length).toBeGreaterThan(3), { timeout: 100 })).rejects.toThrow('to be greater than 3');
    expect(jobs.resume(jobId).state).toBe('running');
    await reaches(jobId, 'done');
    expect(work.seen).toHaveLength(10);
  });

  test('cancel stops at the next checkpoint; what was done stays done', async () => {
    const work = steps();
    const jobId = jobs.start(about, work.body);
    work.allow(2);
    await vi.waitFor(() => expect(work.seen).toHaveLength(2));
    expect(jobs.cancel(jobId).state).toBe('cancelling');
    work.allow(10);
    await reaches(jobId, 'cancelled');
    expect(work.seen).toHaveLength(2);
    expect((await snapshot(jobId)).problem).toBeNull();
  });

  test('a paused job can be cancelled', async () => {
    const work = steps();
    const jobId = jobs.start(about, work.body);
    work.allow(10);
    jobs.pause(jobId);
    jobs.cancel(jobId);
    await reaches(jobId, 'cancelled');
    expect(work.seen).toEqual([]);
  });

  test('a job cancelled before it starts never runs its body', async () => {
    const body = vi.fn<() => Promise<void>>(async () => undefined);
    const jobId = jobs.start(about, body);
    jobs.cancel(jobId);
    await reaches(jobId, 'cancelled');
    expect(body).not.toHaveBeenCalled();
  });

  test('a body that ends its work despite a cancel is done, not cancelled', async () => {
    let finish = (): void => undefined;
    const jobId = jobs.start(about, () => new Promise((resolve) => (finish = resolve)));
    await reaches(jobId, 'running');
    jobs.cancel(jobId);
    finish();
    expect(await reaches(jobId, 'done').then(() => jobs.cancel(jobId).state)).toBe('done');
  });

  test('an ended job keeps its state whatever is asked of it', async () => {
    const jobId = jobs.start(about, async () => undefined);
    await reaches(jobId, 'done');
    expect(jobs.cancel(jobId).state).toBe('done');
    expect(jobs.pause(jobId).state).toBe('done');
    expect(jobs.resume(jobId).state).toBe('done');
  });

  test('an unknown id is NOT_FOUND', () => {
    for (const ask of ['pause', 'resume', 'cancel'] as const) {
      expect(() => jobs[ask]('__proto__')).toThrowError(expect.objectContaining({ code: 'NOT_FOUND' }));
    }
  });
});

describe('failures', () => {
  test('an error of the closed list is kept', async () => {
    const jobId = jobs.start(about, async () => {
      throw new LookasideError('STORE_DISK_FULL', 'No room', { hint: 'Make room', details: { path: 'x' } });
    });
    await reaches(jobId, 'failed');
    expect((await snapshot(jobId)).problem).toEqual({ code: 'STORE_DISK_FULL', message: 'No room', hint: 'Make room', details: { path: 'x' } });
    expect(reported).toEqual([]);
  });

  test('any other error becomes INTERNAL without its message and is reported', async () => {
    const failure = new Error('password is hunter2');
    const jobId = jobs.start(about, () => Promise.reject(failure));
    await reaches(jobId, 'failed');
    expect((await snapshot(jobId)).problem?.code).toBe('INTERNAL');
    expect(JSON.stringify(await snapshots())).not.toContain('hunter2');
    expect(reported).toEqual([failure]);
  });

  test('a failure while cancelling is told, not hidden as cancelled', async () => {
    const jobId = jobs.start(about, async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw new LookasideError('STORE_DENIED', 'The partial file stays');
    });
    await reaches(jobId, 'running');
    jobs.cancel(jobId);
    await reaches(jobId, 'failed');
    expect((await snapshot(jobId)).problem?.code).toBe('STORE_DENIED');
  });
});

describe('watching', () => {
  test('newest first; a burst of reports is few snapshots and the last one is sent', async () => {
    const first = jobs.start(about, async () => undefined);
    const seen: JobSnapshot[][] = [];
    const abort = new AbortController();
    const watching = (async () => {
      for await (const each of jobs.watch(abort.signal)) seen.push(each);
    })();
    const second = jobs.start({ ...about, total: 5000 }, async ({ report }) => {
      for (let done = 1; done <= 5000; done += 1) {
        report({ done });
        if (done % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    });
    await vi.waitFor(() => expect(seen.at(-1)?.find((each) => each.jobId === second)?.state).toBe('done'), { timeout: 5000 });
    abort.abort();
    await watching;
    expect(seen.at(-1)?.map((each) => each.jobId)).toEqual([second, first]);
    expect(seen.at(-1)?.[0]?.done).toBe(5000);
    expect(seen.length).toBeLessThan(10);
  });

  test('keeps the 200 that ended last, forgets ended ones on demand and running ones never', async () => {
    let finish = (): void => undefined;
    const running = jobs.start(about, () => new Promise((resolve) => (finish = resolve)));
    for (let i = 0; i < 230; i += 1) jobs.start({ ...about, title: `Export ${i}` }, async () => undefined);
    await vi.waitFor(async () => expect(await snapshots()).toHaveLength(201));
    expect((await snapshots())[0]?.title).toBe('Export 229');
    jobs.clear();
    expect((await snapshots()).map((each) => each.jobId)).toEqual([running]);
    finish();
    await reaches(running, 'done');
  });
});

test('closing cancels all, waits for their bodies, ends the watchers and takes no more', async () => {
  let cleanedUp = false;
  jobs.start(about, async ({ signal, checkpoint }) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    await new Promise((resolve) => setImmediate(resolve));
    cleanedUp = true;
    await checkpoint();
  });
  const stream = jobs.watch(new AbortController().signal);
  const seen: string[][] = [];
  const watching = (async () => {
    for await (const each of stream) seen.push(each.map((job) => job.state));
  })();
  await vi.waitFor(() => expect(seen.at(-1)).toEqual(['running']));
  await jobs.closeAll();
  expect(cleanedUp).toBe(true);
  await watching;
  expect(seen.at(-1)).toEqual(['cancelled']);
  expect(() => jobs.start(about, async () => undefined)).toThrowError(expect.objectContaining({ code: 'CANCELLED' }));
});
