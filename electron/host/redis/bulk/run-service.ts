import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { RunFailure, RunSnapshot, RunSummary } from '../../../../shared/contract/bulk.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { fromWire } from '../../../../shared/bytes.ts';
import type { AuditJournal, BulkAuditEntry } from '../../connections/audit-journal.ts';
import type { ConnectionService, JobControl, JobService } from '../../services.ts';
import { snapshotStream } from '../../snapshots.ts';
import type { RedisSession } from '../session.ts';
import type { ExpiryTarget } from './expiry-target.ts';
import { fieldTarget } from './field-target.ts';
import type { Quota } from './journal/quota.ts';
import { RecordWriter } from './journal/record-file.ts';
import { encodeRecord, journalVersion, type Intent, type RunHeader } from './journal/records.ts';
import { JournalReader, type PageHistory } from './journal/run-journal.ts';
import { summaryOf, type RunStore, type StoredRun } from './journal/run-store.ts';
import { keyTarget } from './key-target.ts';
import { readNames, type NamePage } from './names-file.ts';
import type { PlanStore } from './plan-store.ts';
import { auditOf, checkConfirmed, checkWritable, isComplete } from './run-checks.ts';
import { RunProgress } from './run-progress.ts';
import { runPages } from './run-pages.ts';
import { parseCounts } from './run-tally.ts';
import { serverRunId } from './scan-map.ts';
import { chooseKeys } from './select-keys.ts';
import { inPages, undoPages } from './undo-pages.ts';

/** How often what is known of a run is saved beside its journal, ms. */
const saveEveryMs = 2000;
/** Ended runs of this session whose failures are kept for the page. */
const maxEnded = 50;

export interface RunServiceOptions {
  connections: Pick<ConnectionService, 'redis'>;
  jobs: Pick<JobService, 'start'>;
  store: RunStore;
  quota: Quota;
  plans: PlanStore;
  audit: AuditJournal;
  report: (error: unknown) => void;
}

interface Live {
  progress: RunProgress;
  /** Undefined until something was saved. */
  savedAt: number;
}

/** Runs, their resumption and their undo, each a job with a journal. */
export class RunService {
  readonly #options: RunServiceOptions;
  readonly #live = new Map<string, Live>();
  #closing = false;

  constructor(options: RunServiceOptions) {
    this.#options = options;
  }

  closing(): void {
    this.#closing = true;
  }

  /** Carries out a plan. */
  async start(planId: string, confirm: { count: number; name?: string | undefined }, keysPerSecond: number | null): Promise<{ runId: string; jobId: string }> {
    const { plans, connections, store, quota } = this.#options;
    const plan = plans.ready(planId);
    checkConfirmed(plan, confirm);
    const session = connections.redis(plan.workspace.id);
    await checkWritable(session, plan.header);
    await quota.makeRoom(plan.snapshot.undoBytes * 2);
    const runId = randomUUID();
    const servers = await Promise.all((await session.masters()).map(async ({ id }) => ({ node: id, runId: await serverRunId(session, id) })));
    // nothing may come between: a second click finds no plan
    plans.ready(planId);
    plans.take(planId);
    const header: RunHeader = {
      version: journalVersion,
      runId,
      ...plan.header,
      workspaceId: plan.workspace.id,
      workspaceName: plan.workspace.name,
      seed: plan.seed,
      total: plan.snapshot.wouldChange,
      startedAt: Date.now(),
      servers,
    };
    const files = await store.create(runId, plan.namesFile);
    store.working.add(runId);
    let journal: RecordWriter | null = null;
    const run: StoredRun = { header, state: 'running', endedAt: null, done: 0, changed: 0, left: [], failed: [], cut: false, owner: null, undone: null };
    try {
      journal = await RecordWriter.create(files.journal);
      await journal.append(encodeRecord({ kind: 'header', header }));
      await journal.sync();
      await this.#save(run, true);
      await this.#audit('bulk-start', run, null, 'started');
    } catch (error) {
      store.working.delete(runId);
      await journal?.close();
      await store.remove(runId);
      throw error;
    }
    return this.#run(run, journal, new Map(), new Set(), keysPerSecond);
  }

  /** Goes on with a run that stopped before its end. */
  async resume(runId: string, keysPerSecond: number | null): Promise<{ runId: string; jobId: string }> {
    const { connections, store } = this.#options;
    this.#refuseLive(runId);
    const run = await store.load(runId);
    if (store.working.has(runId) || !summaryOf(run, 0).resumable) throw new LookasideError('CONFLICT', 'This run has nothing left to do, is running, or was undone');
    await checkWritable(connections.redis(run.header.workspaceId), run.header);
    const history = new Map<number, PageHistory>();
    const donePages = new Set<number>();
    const progress = this.#progress(run, false, run.header.total, keysPerSecond);
    const { journal: path } = store.files(runId);
    const past = new JournalReader(path);
    for await (const event of past.events()) {
      if (event.kind === 'header') continue;
      if (event.tally === null) history.set(event.page, event.history);
      else {
        donePages.add(event.page);
        progress.tally.add(parseCounts(event.tally));
      }
    }
    this.#refuseLive(runId);
    const next: StoredRun = { ...run, state: 'running', endedAt: null, cut: false };
    store.working.add(runId);
    let journal: RecordWriter | null = null;
    try {
      journal = await RecordWriter.continue(path, past.wholeBytes);
      await this.#save(next, true);
      await this.#audit('bulk-start', next, null, 'resumed');
    } catch (error) {
      store.working.delete(runId);
      await journal?.close();
      throw error;
    }
    return this.#run(next, journal, history, donePages, keysPerSecond, progress);
  }

  /** Gives back what a run changed. */
  async undo(runId: string, options: { force: boolean; expirePast: boolean; keysPerSecond: number | null }): Promise<{ runId: string; jobId: string }> {
    const { connections, jobs, store } = this.#options;
    this.#refuseLive(runId);
    const run = await store.load(runId);
    const { undoable, undoRefusal } = summaryOf(run, 0);
    if (!undoable) throw new LookasideError('CONFLICT', `This run cannot be undone: ${undoRefusal.toLowerCase()}`);
    const { header } = run;
    await checkWritable(connections.redis(header.workspaceId), header);
    const { journal } = store.files(runId);
    let total = 0;
    for await (const changes of changesOf(journal)) total += changes.length;
    this.#refuseLive(runId);
    const live = this.#begin(runId, this.#progress(run, true, total, options.keysPerSecond));
    const { progress } = live;
    await this.#audit('bulk-undo-start', run, progress, options.force ? 'started, also where changed since' : 'started').catch((error: unknown) => {
      this.#live.delete(runId);
      throw error;
    });
    const session = (): RedisSession => connections.redis(header.workspaceId);
    const jobId = jobs.start(
      { kind: 'bulk-ttl-undo', workspaceId: header.workspaceId, title: progress.identity.title, unit: header.unit, total },
      async (control) => {
        watchCancel(control, progress);
        await this.#finish(run, progress, control, async () => {
          const work = {
            session,
            target: this.#target(header, session),
            pages: inPages(changesOf(journal)),
            ...options,
            progress,
            control,
            checkpoint: async () => undefined,
          };
          await undoPages(work);
        });
      },
    );
    progress.jobId = jobId;
    return { runId, jobId };
  }

  watch(runId: string, signal: AbortSignal): AsyncGenerator<RunSnapshot, void, void> {
    const live = this.#live.get(runId);
    if (live === undefined) return this.#once(runId);
    const { progress } = live;
    return snapshotStream({ read: () => progress.read(), subscribe: (listener) => progress.subscribe(listener), signal, minIntervalMs: 200, maxIntervalMs: 1000 });
  }

  failures(runId: string): RunFailure[] {
    return this.#live.get(runId)?.progress.tally.failures ?? [];
  }

  setRate(runId: string, keysPerSecond: number | null): RunSnapshot {
    const live = this.#live.get(runId);
    if (live === undefined || live.progress.ended) throw new LookasideError('NOT_FOUND', 'This run is not under way');
    live.progress.keysPerSecond = keysPerSecond;
    live.progress.changed();
    return live.progress.read();
  }

  /** Newest first. One whose files cannot be read at all is left out and reported. */
  async list(): Promise<RunSummary[]> {
    const { store, report } = this.#options;
    const found = await Promise.all(
      (await store.ids()).map(async (runId) => {
        try {
          const run = await store.load(runId);
          const progress = this.#live.get(runId)?.progress;
          const summary = summaryOf(run, await store.bytes(runId));
          if (progress === undefined || progress.ended) return summary;
          const busy = { resumable: false, undoable: false, undoRefusal: 'It is still running' };
          return progress.identity.undo ? { ...summary, ...busy } : { ...summary, ...busy, ...progress.tally.read(), done: progress.tally.done, state: progress.state };
        } catch (error) {
          report(error);
          return null;
        }
      }),
    );
    return found.filter((each) => each !== null).toSorted((a, b) => b.startedAt - a.startedAt);
  }

  async forget(runId: string): Promise<void> {
    this.#refuseLive(runId);
    await this.#options.store.load(runId);
    await this.#options.store.remove(runId);
    this.#live.delete(runId);
  }

  async #run(
    run: StoredRun,
    journal: RecordWriter,
    history: ReadonlyMap<number, PageHistory>,
    donePages: ReadonlySet<number>,
    keysPerSecond: number | null,
    known?: RunProgress,
  ): Promise<{ runId: string; jobId: string }> {
    const { jobs, store, connections } = this.#options;
    const { header } = run;
    const { runId } = header;
    const live = this.#begin(runId, known ?? this.#progress(run, false, header.total, keysPerSecond));
    const { progress } = live;
    const files = store.files(runId);
    const session = (): RedisSession => connections.redis(header.workspaceId);
    const hasFilter = header.filter !== null || header.exclude.length > 0;
    const jobId = jobs.start({ kind: 'bulk-ttl', workspaceId: header.workspaceId, title: header.title, unit: header.unit, total: header.total }, async (control) => {
      watchCancel(control, progress);
      await this.#finish(run, progress, control, async () => {
        try {
          await runPages({
            header,
            session,
            target: this.#target(header, session),
            choice: header.kind === 'ttl' && hasFilter ? chooseKeys(header.filter, header.exclude) : null,
            pages: without(readNames(files.names), donePages),
            history,
            journal,
            progress,
            control,
            checkpoint: () => this.#saveNow(run, live),
          });
          // all is in the journal now
          await rm(files.names, { force: true });
        } finally {
          await journal.close();
        }
      });
    });
    progress.jobId = jobId;
    return { runId, jobId };
  }

  /** Does the work of a job and records how it ended, whatever came of it. */
  async #finish(run: StoredRun, progress: RunProgress, control: JobControl, work: () => Promise<void>): Promise<void> {
    const { undo } = progress.identity;
    let failure: unknown = null;
    try {
      await work();
    } catch (error) {
      failure = error;
    }
    const aborted = failure instanceof LookasideError && failure.code === 'CANCELLED' && control.signal.aborted;
    const state = failure === null ? 'done' : !aborted ? 'failed' : this.#closing ? 'interrupted' : 'cancelled';
    const counts = { ...progress.tally.read() };
    const { changed, ...others } = counts;
    const ended: StoredRun = undo
      ? { ...run, owner: null, undone: { at: Date.now(), restored: changed, ...others, complete: state === 'done' && others.failed.length === 0 && isComplete(others.left) } }
      : { ...run, state, endedAt: Date.now(), done: progress.tally.done, ...counts, owner: null };
    try {
      await this.#save(ended, false);
      await this.#audit(undo ? 'bulk-undo-end' : 'bulk-end', ended, progress, state);
    } catch (error) {
      failure ??= error;
    }
    this.#options.store.working.delete(run.header.runId);
    const problem = failure instanceof LookasideError ? failure.toProblem() : null;
    progress.end(failure === null || state !== 'done' ? state : 'failed', state === 'cancelled' || state === 'interrupted' ? null : problem);
    if (failure !== null) throw failure;
  }

  async #saveNow(run: StoredRun, live: Live): Promise<void> {
    if (Date.now() - live.savedAt < saveEveryMs) return;
    live.savedAt = Date.now();
    const { tally } = live.progress;
    await this.#save({ ...run, done: tally.done, ...tally.read() }, true);
  }

  async #save(run: StoredRun, working: boolean): Promise<void> {
    await this.#options.store.save({ ...run, owner: working ? { pid: process.pid, beatAt: Date.now() } : null });
  }

  #begin(runId: string, progress: RunProgress): Live {
    this.#refuseLive(runId);
    const ended = [...this.#live].filter(([, live]) => live.progress.ended);
    for (const [id] of ended.slice(0, Math.max(0, ended.length - maxEnded))) this.#live.delete(id);
    const live: Live = { progress, savedAt: Date.now() };
    this.#live.set(runId, live);
    return live;
  }

  #progress(run: StoredRun, undo: boolean, total: number, keysPerSecond: number | null): RunProgress {
    const { runId, kind, unit, title } = run.header;
    const progress = new RunProgress({ runId, kind, undo, title: undo ? `Undo: ${title}` : title, unit }, total);
    progress.keysPerSecond = keysPerSecond;
    return progress;
  }

  #target({ kind, db, hash, filter, exclude }: RunHeader, session: () => RedisSession): ExpiryTarget {
    if (kind === 'field-ttl') return fieldTarget({ session, db, hash: Buffer.from(fromWire(hash ?? '')) });
    return keyTarget({ session, db, fields: chooseKeys(filter, exclude).fields });
  }

  #refuseLive(runId: string): void {
    const live = this.#live.get(runId);
    if (live !== undefined && !live.progress.ended) throw new LookasideError('CONFLICT', 'This run is under way', { hint: 'Wait for its end, or cancel it.' });
  }

  async *#once(runId: string): AsyncGenerator<RunSnapshot, void, void> {
    const run = await this.#options.store.load(runId);
    const { header } = run;
    yield {
      ...new RunProgress({ runId, kind: header.kind, undo: false, title: header.title, unit: header.unit }, header.total).read(),
      state: run.state,
      done: run.done,
      changed: run.changed,
      left: run.left,
      failed: run.failed,
      startedAt: header.startedAt,
      endedAt: run.endedAt,
      journalBytes: await this.#options.store.bytes(runId),
    };
  }

  async #audit(event: BulkAuditEntry['event'], { header }: StoredRun, progress: RunProgress | null, result: string): Promise<void> {
    await this.#options.audit.write(auditOf(event, header, progress, result));
  }
}

function watchCancel(control: JobControl, progress: RunProgress): void {
  const cancelling = (): void => {
    progress.cancelling = true;
    progress.changed();
  };
  control.signal.addEventListener('abort', cancelling, { once: true });
}

async function* without(pages: AsyncIterable<NamePage>, done: ReadonlySet<number>): AsyncGenerator<NamePage, void, void> {
  for await (const page of pages) if (!done.has(page.index)) yield page;
}

/** What a run changed or may have changed, page by page in the order of the journal. */
async function* changesOf(journal: string): AsyncGenerator<Intent[], void, void> {
  for await (const event of new JournalReader(journal).events()) if (event.kind === 'page') yield event.history.effective();
}
