import { randomUUID } from 'node:crypto';
import { LookasideError, type Problem } from '../../../shared/contract/errors.ts';
import type { JobSnapshot } from '../../../shared/contract/jobs.ts';
import { addSample, etaMs, rateOf, type ProgressSample } from '../../../shared/progress.ts';
import type { JobControl, JobService } from '../services.ts';
import { snapshotStream, type SnapshotListener } from '../snapshots.ts';

const snapshotIntervalMs = 200;
/** While something runs, its rate is told anew even when it reports nothing: a stall shows. */
const heartbeatMs = 1000;
const maxEnded = 200;

type JobStart = Parameters<JobService['start']>[0];

interface Job {
  readonly snapshot: JobSnapshot;
  readonly abort: AbortController;
  samples: ProgressSample[];
  /** Wakes a body that waits at a checkpoint while paused. */
  wake: () => void;
  ended: Promise<void>;
}

function isEnded({ snapshot }: Job): boolean {
  return snapshot.endedAt !== null;
}

function cancelled(): LookasideError {
  return new LookasideError('CANCELLED', 'The job was cancelled');
}

function isCancellation(error: unknown): boolean {
  if (error instanceof LookasideError) return error.code === 'CANCELLED';
  return error instanceof Error && error.name === 'AbortError';
}

function problemOf(error: unknown): Problem {
  if (error instanceof LookasideError) return error.toProblem();
  return { code: 'INTERNAL', message: 'Something failed inside Lookaside', hint: '', details: {} };
}

function present({ snapshot, samples }: Job): JobSnapshot {
  if (snapshot.state !== 'running' && snapshot.state !== 'cancelling') return { ...snapshot };
  const rate = rateOf(samples, performance.now());
  return { ...snapshot, rate, etaMs: etaMs(snapshot.done, snapshot.total, rate) };
}

/** Runs the jobs of this session. Unexpected failures of their bodies go to `report` and show as INTERNAL. */
export function createJobService({ report = () => undefined }: { report?: (error: unknown) => void }): JobService {
  const jobs = new Map<string, Job>();
  const listeners = new Set<SnapshotListener>();
  let closed = false;
  let heartbeat: NodeJS.Timeout | undefined;

  const changed: SnapshotListener = (event) => {
    for (const listener of listeners) listener(event);
  };
  const beat = (): void => {
    const running = [...jobs.values()].some((job) => !isEnded(job) && job.snapshot.state !== 'paused');
    if (running && heartbeat === undefined) heartbeat = setInterval(changed, heartbeatMs, 'changed').unref();
    if (!running) {
      clearInterval(heartbeat);
      heartbeat = undefined;
    }
  };
  const setState = (job: Job, state: JobSnapshot['state']): void => {
    // A rate that spans a pause would be the rate of nothing.
    job.samples = [{ at: performance.now(), done: job.snapshot.done }];
    Object.assign(job.snapshot, { state, rate: 0, etaMs: null });
    beat();
    changed();
  };
  const dropOldest = (): void => {
    const ended = [...jobs.values()].filter(isEnded).toSorted((a, b) => (a.snapshot.endedAt ?? 0) - (b.snapshot.endedAt ?? 0));
    for (const { snapshot } of ended.slice(0, Math.max(0, ended.length - maxEnded))) jobs.delete(snapshot.jobId);
  };
  const end = (job: Job, state: 'done' | 'failed' | 'cancelled', problem: Problem | null): void => {
    job.snapshot.endedAt = Date.now();
    job.snapshot.problem = problem;
    setState(job, state);
    dropOldest();
  };

  const controlOf = (job: Job): JobControl => ({
    signal: job.abort.signal,
    async checkpoint() {
      while (job.snapshot.state === 'paused' && !job.abort.signal.aborted) {
        await new Promise<void>((resolve) => {
          job.wake = resolve;
        });
      }
      if (job.abort.signal.aborted) throw cancelled();
    },
    report({ done, total, file }) {
      if (isEnded(job)) return;
      job.snapshot.done = done;
      if (total !== undefined) job.snapshot.total = total;
      if (file !== undefined) job.snapshot.file = file;
      job.samples = addSample(job.samples, { at: performance.now(), done });
      changed();
    },
  });

  const run = async (job: Job, body: (control: JobControl) => Promise<void>): Promise<void> => {
    try {
      // Gives `start` time to return the id before the body can fail.
      await Promise.resolve();
      if (job.abort.signal.aborted) throw cancelled();
      if (job.snapshot.state === 'queued') setState(job, 'running');
      await body(controlOf(job));
      end(job, 'done', null);
    } catch (error) {
      if (job.abort.signal.aborted && isCancellation(error)) {
        end(job, 'cancelled', null);
        return;
      }
      if (!(error instanceof LookasideError)) report(error);
      end(job, 'failed', problemOf(error));
    }
  };

  const find = (jobId: string): Job => {
    const job = jobs.get(jobId);
    if (job === undefined) throw new LookasideError('NOT_FOUND', 'No such job in this session');
    return job;
  };
  const stop = (job: Job): void => {
    if (isEnded(job) || job.abort.signal.aborted) return;
    setState(job, 'cancelling');
    job.abort.abort();
    job.wake();
  };

  return {
    start(options: JobStart, body) {
      if (closed) throw new LookasideError('CANCELLED', 'Lookaside is closing');
      const jobId = randomUUID();
      const snapshot: JobSnapshot = {
        ...options,
        jobId,
        state: 'queued',
        done: 0,
        rate: 0,
        etaMs: null,
        startedAt: Date.now(),
        endedAt: null,
        problem: null,
        file: null,
      };
      const job: Job = { snapshot, abort: new AbortController(), samples: [], wake: () => undefined, ended: Promise.resolve() };
      jobs.set(jobId, job);
      job.ended = run(job, body);
      changed();
      return jobId;
    },
    watch(signal) {
      return snapshotStream({
        // Insertion order is the order of starting.
        read: () => [...jobs.values()].map(present).toReversed(),
        subscribe: (listener) => {
          listeners.add(listener);
          if (closed) listener('ended');
          return () => listeners.delete(listener);
        },
        signal,
        minIntervalMs: snapshotIntervalMs,
      });
    },
    /** Takes effect at the body's next checkpoint. A job that cannot be paused any more stays as it is. */
    pause(jobId) {
      const job = find(jobId);
      if (job.snapshot.state === 'running' || job.snapshot.state === 'queued') setState(job, 'paused');
      return present(job);
    },
    resume(jobId) {
      const job = find(jobId);
      if (job.snapshot.state === 'paused') {
        setState(job, 'running');
        job.wake();
      }
      return present(job);
    },
    cancel(jobId) {
      const job = find(jobId);
      stop(job);
      return present(job);
    },
    clear() {
      for (const [jobId, job] of jobs) if (isEnded(job)) jobs.delete(jobId);
      changed();
    },
    async closeAll() {
      closed = true;
      for (const job of jobs.values()) stop(job);
      await Promise.all([...jobs.values()].map((job) => job.ended));
      changed('ended');
    },
  };
}
