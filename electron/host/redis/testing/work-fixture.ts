import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobSnapshot } from '../../../../shared/contract/jobs.ts';
import type { Workspace } from '../../../../shared/contract/workspaces.ts';
import { createAuditJournal } from '../../connections/audit-journal.ts';
import { createJobService } from '../../jobs/job-service.ts';
import type { ValueWorkService } from '../../services.ts';
import { createValueWorkService } from '../value-work-service.ts';
import type { RedisSession } from '../session.ts';

/** The service of long work over one session, in a temporary folder. */
export interface WorkFixture {
  work: ValueWorkService;
  /** Waits until a job has ended. */
  ended(jobId: string): Promise<JobSnapshot>;
  cancel(jobId: string): void;
  journal(): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

export const never = new AbortController().signal;

export async function startWorkFixture(session: RedisSession): Promise<WorkFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'lookaside-work-'));
  const jobs = createJobService({
    report: (error) => {
      throw error;
    },
  });
  const work = createValueWorkService({
    connections: { redis: () => session },
    workspaces: { get: async () => ({ name: 'Shop' }) as Workspace },
    jobs,
    audit: createAuditJournal(folder),
    folder,
  });
  return {
    work,
    async ended(jobId) {
      for await (const all of jobs.watch(never)) {
        const job = all.find((each) => each.jobId === jobId);
        if (job !== undefined && job.endedAt !== null) return job;
      }
      throw new Error('The jobs ended');
    },
    cancel: (jobId) => void jobs.cancel(jobId),
    async journal() {
      const text = await readFile(join(folder, 'audit.jsonl'), 'utf8');
      return text.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    async stop() {
      await jobs.closeAll();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The last snapshot of a stream that ends by itself. */
export async function lastOf<T>(stream: AsyncGenerator<T, void, void>): Promise<T> {
  let last: T | undefined;
  for await (const snapshot of stream) last = snapshot;
  if (last === undefined) throw new Error('The stream gave nothing');
  return last;
}
