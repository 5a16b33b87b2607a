import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { RunFailure, RunSnapshot, RunSummary } from '../../../../shared/contract/bulk.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { StagedRun } from '../../../../shared/contract/invalidate.ts';
import { toWire } from '../../../../shared/bytes.ts';
import type { AuditJournal, BulkAuditEntry } from '../../connections/audit-journal.ts';
import type { ConnectionService, JobControl, JobService, KeyService } from '../../services.ts';
import { snapshotStream } from '../../snapshots.ts';
import type { RedisSession } from '../session.ts';
import type { Quota } from './journal/quota.ts';
import { RecordWriter } from './journal/record-file.ts';
import { encodeRecord, journalVersion, type RunHeader } from './journal/records.ts';
import { JournalReader, type PageHistory } from './journal/run-journal.ts';
import { summaryOf, type RunStore, type StoredRun } from './journal/run-store.ts';
import { operationOf } from './key-operation.ts';
import { readNames, type NamePage } from './names-file.ts';
import type { PlanStore } from './plan-store.ts';
import { auditOf, checkConfirmed, checkWritable, isComplete, type Confirmation } from './run-checks.ts';
import { RunGovernor } from './run-governor.ts';
import { RunProgress, watchCancel, type GivenPace } from './run-progress.ts';
import { runPages } from './run-pages.ts';
import { parseCounts } from './run-tally.ts';
import { serverRunId } from './scan-map.ts';
import { chooseKeys, filtersOf } from './select-keys.ts';
import { lookThrough } from './undo-probe.ts';
import { prepareUndo, undoWork, type UndoOptions } from './undo-work.ts';

/** How often what is known of a run is saved beside its journal, ms. */
const saveEveryMs = 2000;
/** Ended runs of this session whose failures are kept for the page. */
const maxEnded = 50;

export interface RunServiceOptions {
  connections: Pick<ConnectionService, 'redis'>;
  /** Told of keys that come and go. */
  keys?: Pick<KeyService, 'noteChange'> | undefined;
  jobs: Pick<JobService, 'start' | 'cancel'>;
  store: RunStore;
  quota: Quota;
  plans: PlanStore;
  audit: AuditJournal;
  report: (error: unknown) => void;
}

export interface StartOptions {
  pace?: GivenPace;
  /** Keep values for an undo; `true` when it is not said. */
  undo?: boolean;
  staged?: StagedRun | null;
  /** Where the journal is written instead of the run's folder. */
  undoFile?: string;
  approvedBy?: string;
}

interface Live {
  progress: RunProgress;
  staged: StagedRun | null;
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
  async start(planId: string, confirm: Confirmation, options: StartOptions): Promise<{ runId: string; jobId: string }> {
    const { plans, connections, store, quota } = this.#options;
    const plan = plans.ready(planId);
    const { terms, invalidate } = plan;
    checkConfirmed(plan, confirm);
    const session = connections.redis(plan.workspace.id);
    await checkWritable(session, plan.header);
    const keeps = options.undo ?? true;
    await quota.makeRoom(invalidate === null ? terms.undoBytes * 2 : keeps && options.undoFile === undefined ? terms.undoBytes : 0);
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
      total: terms.count,
      startedAt: Date.now(),
      servers,
      ...(invalidate === null ? {} : { invalidate: { action: invalidate, undo: keeps || invalidate.kind !== 'unlink', byNode: terms.byNode, ...(options.approvedBy === undefined ? {} : { approvedBy: options.approvedBy }) } }),
    };
    const files = await store.create(runId, plan.namesFile);
    store.working.add(runId);
    let journal: RecordWriter | null = null;
    const run: StoredRun = { header, state: 'running', endedAt: null, done: 0, changed: 0, left: [], failed: [], cut: false, owner: null, undone: null };
    try {
      journal = await RecordWriter.create(options.undoFile ?? files.journal);
      if (options.undoFile !== undefined) await store.linkJournal(runId, options.undoFile);
      await journal.append(encodeRecord({ kind: 'header', header }));
      await journal.sync();
      await this.#save(run, true);
      await this.#audit('bulk-start', run, null, keeps ? 'started' : 'started without undo');
    } catch (error) {
      store.working.delete(runId);
      await journal?.close();
      await store.remove(runId);
      throw error;
    }
    return this.#run(run, journal, new Map(), new Set(), options);
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
    const progress = this.#progress(run, false, run.header.total, { keysPerSecond });
    progress.keepShapes(run.shapes ?? []);
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
    return this.#run(next, journal, history, donePages, { pace: { keysPerSecond } }, progress);
  }

  /** Gives back what a run changed. */
  async undo(runId: string, options: UndoOptions & { pace: GivenPace }): Promise<{ runId: string; jobId: string }> {
    const { connections, jobs, store, keys, report } = this.#options;
    this.#refuseLive(runId);
    const run = await store.load(runId);
    const { undoable, undoRefusal } = summaryOf(run, 0);
    if (!undoable) throw new LookasideError('CONFLICT', `This run cannot be undone: ${undoRefusal.toLowerCase()}`);
    const { header } = run;
    const session = (): RedisSession => connections.redis(header.workspaceId);
    await checkWritable(session(), header);
    const { journal } = store.files(runId);
    const { total } = await prepareUndo(session(), run, journal);
    this.#refuseLive(runId);
    const live = this.#begin(runId, this.#progress(run, true, total, options.pace), null);
    const { progress } = live;
    await this.#audit('bulk-undo-start', run, progress, options.force ? 'started, also where changed since' : 'started').catch((error: unknown) => {
      this.#live.delete(runId);
      throw error;
    });
    const kind = header.invalidate === undefined ? 'bulk-ttl-undo' : 'invalidate-undo';
    const jobId = jobs.start({ kind, workspaceId: header.workspaceId, title: progress.identity.title, unit: header.unit, total }, async (control) => {
      watchCancel(control, progress);
      await this.#finish(run, progress, control, () =>
        undoWork({
          header,
          session,
          journal,
          options,
          progress,
          control,
          onRestored: (db, names) => {
            const changed = names.map(({ name, type }) => ({ name: toWire(name), type }));
            void keys?.noteChange({ workspaceId: header.workspaceId, db, keys: changed }).catch(report);
          },
        }),
      );
    });
    progress.jobId = jobId;
    return { runId, jobId };
  }

  /** A journal that stands elsewhere, as a run of this app against a workspace. The file is only read. */
  async adopt(path: string, workspace: { id: string; name: string }): Promise<RunSummary> {
    const { store } = this.#options;
    const { total, changes } = await lookThrough(path);
    const { header } = changes;
    if (header === null) throw new LookasideError('STORE_CORRUPT', `The file ${path} is no undo file`);
    const runId = randomUUID();
    const run: StoredRun = {
      header: { ...header, runId, workspaceId: workspace.id },
      state: 'done',
      endedAt: Date.now(),
      done: total,
      changed: total,
      left: [],
      failed: [],
      cut: changes.cut || changes.altered.length > 0,
      owner: null,
      undone: null,
      adopted: path,
    };
    await store.linkJournal(runId, path);
    await this.#save(run, false);
    return summaryOf(run, await store.bytes(runId));
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
    const { progress } = this.#underWay(runId);
    progress.pace.keysPerSecond = keysPerSecond;
    progress.changed();
    return progress.read();
  }

  setPace(runId: string, pace: GivenPace): RunSnapshot {
    const { progress } = this.#underWay(runId);
    progress.setPace(pace);
    progress.changed();
    return progress.read();
  }

  /** Decides how a staged run goes on. Throws CONFLICT when it is not staged, or decided. */
  stage(runId: string, decision: 'go-on' | 'stop'): RunSnapshot {
    const { progress } = this.#underWay(runId);
    const { stage } = progress;
    if (stage === null || stage.decision === 'go-on' || stage.decision === 'stop') {
      throw new LookasideError('CONFLICT', stage === null ? 'This run is not staged' : 'This run has gone on, or was stopped, already');
    }
    Object.assign(stage, { decision, decidedBy: 'person' });
    progress.changed();
    return progress.read();
  }

  #underWay(runId: string): Live {
    const live = this.#live.get(runId);
    if (live === undefined || live.progress.ended) throw new LookasideError('NOT_FOUND', 'This run is not under way');
    return live;
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
    options: StartOptions,
    known?: RunProgress,
  ): Promise<{ runId: string; jobId: string }> {
    const { jobs, store, connections, keys, report } = this.#options;
    const { header } = run;
    const { runId, workspaceId } = header;
    const live = this.#begin(runId, known ?? this.#progress(run, false, header.total, options.pace ?? {}), options.staged ?? null);
    const { progress } = live;
    const files = store.files(runId);
    const session = (): RedisSession => connections.redis(workspaceId);
    const filters = filtersOf(header);
    const hasFilter = filters.length > 0 || header.exclude.length > 0;
    const goes = header.kind === 'unlink' || header.kind === 'graveyard';
    const kind = header.invalidate === undefined ? 'bulk-ttl' : 'invalidate';
    const jobId = jobs.start({ kind, workspaceId, title: header.title, unit: header.unit, total: header.total }, async (control) => {
      watchCancel(control, progress);
      const stop = (): void => {
        if (progress.jobId !== null) jobs.cancel(progress.jobId);
      };
      await this.#finish(run, progress, control, async () => {
        try {
          await runPages({
            session,
            operation: operationOf({ header, session }),
            keeps: header.invalidate?.undo ?? true,
            governor: new RunGovernor({ session, progress, signal: control.signal, staged: live.staged, stop }),
            choice: header.kind !== 'field-ttl' && hasFilter ? chooseKeys(filters, header.exclude) : null,
            pages: without(readNames(files.names, undefined, header.db), donePages),
            history,
            journal,
            progress,
            control,
            checkpoint: () => this.#saveNow(run, live),
            onChanged: (db, names) => {
              if (!goes || keys === undefined) return;
              void keys.noteChange({ workspaceId, db, keys: names.map((name) => ({ name: toWire(name), type: 'none' })) }).catch(report);
            },
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
    // a cancel that came after the last page has nothing to cancel
    if (isCancelled(failure) && progress.tally.done >= progress.total) failure = null;
    const aborted = isCancelled(failure) && control.signal.aborted;
    const state = failure === null ? 'done' : !aborted ? 'failed' : this.#closing ? 'interrupted' : 'cancelled';
    const counts = { ...progress.tally.read() };
    const { changed, ...others } = counts;
    const ended: StoredRun = undo
      ? { ...run, owner: null, undone: { at: Date.now(), restored: changed, ...others, complete: state === 'done' && others.failed.length === 0 && isComplete(others.left) } }
      : { ...run, state, endedAt: Date.now(), done: progress.tally.done, ...counts, owner: null, shapes: progress.shapes };
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
    await this.#save({ ...run, done: tally.done, ...tally.read(), shapes: live.progress.shapes }, true);
  }

  async #save(run: StoredRun, working: boolean): Promise<void> {
    await this.#options.store.save({ ...run, owner: working ? { pid: process.pid, beatAt: Date.now() } : null });
  }

  #begin(runId: string, progress: RunProgress, staged: StagedRun | null): Live {
    this.#refuseLive(runId);
    const ended = [...this.#live].filter(([, live]) => live.progress.ended);
    for (const [id] of ended.slice(0, Math.max(0, ended.length - maxEnded))) this.#live.delete(id);
    const live: Live = { progress, staged, savedAt: Date.now() };
    this.#live.set(runId, live);
    return live;
  }

  #progress({ header }: StoredRun, undo: boolean, total: number, pace: GivenPace): RunProgress {
    const { runId, kind, unit, title, invalidate } = header;
    const about = { keepsUndo: invalidate?.undo ?? true, byNode: undo ? [] : (invalidate?.byNode ?? []) };
    const progress = new RunProgress({ runId, kind, undo, title: undo ? `Undo: ${title}` : title, unit }, total, about);
    progress.setPace(pace);
    return progress;
  }

  #refuseLive(runId: string): void {
    const live = this.#live.get(runId);
    if (live !== undefined && !live.progress.ended) throw new LookasideError('CONFLICT', 'This run is under way', { hint: 'Wait for its end, or cancel it.' });
  }

  async *#once(runId: string): AsyncGenerator<RunSnapshot, void, void> {
    const run = await this.#options.store.load(runId);
    const { header } = run;
    yield {
      ...this.#progress(run, false, header.total, {}).read(),
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

function isCancelled(failure: unknown): boolean {
  return failure instanceof LookasideError && failure.code === 'CANCELLED';
}

async function* without(pages: AsyncIterable<NamePage>, done: ReadonlySet<number>): AsyncGenerator<NamePage, void, void> {
  for await (const page of pages) if (!done.has(page.index)) yield page;
}
