import { randomInt, randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlanSnapshot } from '../../../../shared/contract/bulk.ts';
import type { InvalidateAction } from '../../../../shared/contract/invalidate.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { Workspace } from '../../../../shared/contract/workspaces.ts';
import { toWire, type WireBytes } from '../../../../shared/bytes.ts';
import { addSample, etaMs, rateOf, type ProgressSample } from '../../../../shared/progress.ts';
import { snapshotStream, type SnapshotListener } from '../../snapshots.ts';
import type { RunHeader } from './journal/records.ts';
import type { RunStore } from './journal/run-store.ts';
import { NamesWriter, rowsOf, type PageStarts } from './names-file.ts';

/** How long a plan can be carried out after it is ready, ms. */
export const planLifeMs = 10 * 60_000;
const maxPlans = 16;
const leftoverMs = 60 * 60_000;

/** What a run needs of a plan; the rest of its header comes when it starts. */
export type PlannedHeader = Pick<RunHeader, 'kind' | 'unit' | 'title' | 'db' | 'hash' | 'action' | 'filter' | 'also' | 'exclude'>;

/** How far a plan is, for its snapshot. */
export interface PlanProgress {
  planId: string;
  state: PlanSnapshot['state'];
  exactness: PlanSnapshot['exactness'];
  walked: number;
  total: number | null;
  startedAt: number;
  durationMs: number;
  rate: number;
  etaMs: number | null;
  expiresAt: number | null;
}

/** What a person has to confirm, and what a run has to know. */
export interface PlanTerms {
  /** Keys or fields that the run takes. */
  count: number;
  undoBytes: number;
  confirmation: 'click' | 'count' | 'count-and-name' | 'flush';
  byNode: { node: string; keys: number }[];
}

export interface PlanInput<S> {
  workspace: Workspace;
  header: PlannedHeader;
  /** Does the counting; returns whether it is exact. */
  work: (plan: PlanInWork) => Promise<boolean>;
  snapshot: (progress: PlanProgress) => S;
  terms: () => PlanTerms;
  invalidate?: InvalidateAction;
  seed?: number;
}

export interface PlanInWork {
  names: NamesWriter;
  /** Makes the file of what is left out; at most once. */
  excluded: () => Promise<NamesWriter>;
  signal: AbortSignal;
  onChange: (change: Partial<Pick<PlanSnapshot, 'state' | 'walked' | 'total'>>) => void;
}

export interface ReadyPlan {
  planId: string;
  workspace: Workspace;
  header: PlannedHeader;
  seed: number;
  namesFile: string;
  terms: PlanTerms;
  invalidate: InvalidateAction | null;
}

interface Plan {
  planId: string;
  input: PlanInput<unknown>;
  seed: number;
  namesFile: string;
  starts: PageStarts;
  excluded: NamesWriter | null;
  abort: AbortController;
  startedAt: number;
  begun: number;
  state: PlanSnapshot['state'];
  exactness: PlanSnapshot['exactness'];
  walked: number;
  total: number | null;
  samples: ProgressSample[];
  durationMs: number | null;
  expiresAt: number | null;
  timer: NodeJS.Timeout | null;
}

function progressOf(plan: Plan): PlanProgress {
  const { planId, state, exactness, walked, total, startedAt, expiresAt } = plan;
  const rate = plan.durationMs === null ? rateOf(plan.samples, performance.now()) : 0;
  const durationMs = plan.durationMs ?? performance.now() - plan.begun;
  return { planId, state, exactness, walked, total, startedAt, durationMs, rate, etaMs: state === 'ready' ? 0 : etaMs(walked, total, rate), expiresAt };
}

function gonePlan(): LookasideError {
  return new LookasideError('CONFLICT', 'This plan is too old, or was carried out', { hint: 'Count again: the keys may have changed since.' });
}

function excludedFile({ namesFile }: Plan): string {
  return `${namesFile}.excluded`;
}

/** Plans that are being counted or wait to be carried out. Their names are files; they end with the app or after 10 minutes. */
export class PlanStore {
  readonly #store: RunStore;
  readonly #plans = new Map<string, Plan>();
  readonly #report: (error: unknown) => void;

  constructor(store: RunStore, report: (error: unknown) => void) {
    this.#store = store;
    this.#report = report;
  }

  /** Counts while it is watched; ends with `ready`. Leaving it before discards the plan. */
  async *count<S>(input: PlanInput<S>, signal: AbortSignal): AsyncGenerator<S, void, void> {
    const folder = await this.#store.preparePlans();
    await this.#sweep(folder);
    const planId = randomUUID();
    const seed = input.seed ?? randomInt(0x1_0000_0000);
    const namesFile = join(folder, `${planId}.names`);
    const names = await NamesWriter.create(namesFile);
    const plan: Plan = {
      planId,
      input,
      seed,
      namesFile,
      starts: names.starts,
      excluded: null,
      abort: new AbortController(),
      startedAt: Date.now(),
      begun: performance.now(),
      state: 'counting',
      exactness: 'atLeast',
      walked: 0,
      total: null,
      samples: [],
      durationMs: null,
      expiresAt: null,
      timer: null,
    };
    this.#plans.set(planId, plan);
    const listeners = new Set<SnapshotListener>();
    const tell = (event: 'changed' | 'ended'): void => {
      for (const listener of listeners) listener(event);
    };
    let failure: unknown = null;
    const stop = (): void => plan.abort.abort();
    signal.addEventListener('abort', stop, { once: true });
    const onChange: PlanInWork['onChange'] = (change) => {
      Object.assign(plan, change);
      plan.samples = addSample(plan.samples, { at: performance.now(), done: plan.walked });
      tell('changed');
    };
    const work = (async () => {
      try {
        const excluded = async (): Promise<NamesWriter> => (plan.excluded ??= await NamesWriter.create(excludedFile(plan)));
        const exact = await input.work({ names, excluded, signal: plan.abort.signal, onChange });
        await names.finish();
        await plan.excluded?.finish();
        this.#ready(plan, exact);
      } catch (error) {
        failure = error;
        await names.discard();
        await plan.excluded?.discard();
      }
      tell('ended');
    })();
    try {
      yield* snapshotStream({
        read: () => {
          if (failure !== null) throw failure;
          return input.snapshot(progressOf(plan));
        },
        subscribe: (listener) => {
          listeners.add(listener);
          if (plan.state === 'ready' || failure !== null) listener('ended');
          return () => listeners.delete(listener);
        },
        signal,
        minIntervalMs: 200,
      });
    } finally {
      signal.removeEventListener('abort', stop);
      if (plan.state !== 'ready') stop();
      await work;
      if (plan.state !== 'ready') this.#plans.delete(planId);
    }
  }

  /** A plan that can be carried out. Throws CONFLICT when it cannot any more. */
  ready(planId: string): ReadyPlan {
    const plan = this.#plans.get(planId);
    if (plan === undefined || plan.state !== 'ready') throw gonePlan();
    const { input, seed, namesFile } = plan;
    return { planId, workspace: input.workspace, header: input.header, seed, namesFile, terms: input.terms(), invalidate: input.invalidate ?? null };
  }

  /** Gives the plan's names away: it cannot be carried out a second time. Call it at once after `ready`. */
  take(planId: string): void {
    const plan = this.#plans.get(planId);
    if (plan?.timer) clearTimeout(plan.timer);
    this.#plans.delete(planId);
    if (plan !== undefined && plan.excluded !== null) void rm(excludedFile(plan), { force: true }).catch(this.#report);
  }

  async names(planId: string, from: number, count: number): Promise<{ names: WireBytes[]; total: number }> {
    const { rows, total } = await this.rows(planId, 'selected', from, count);
    return { names: rows.map(({ name }) => toWire(name)), total };
  }

  /** Names with what was known of them; of a plan without facts their facts are `null`. */
  async rows(planId: string, of: 'selected' | 'excluded', from: number, count: number): Promise<{ rows: Awaited<ReturnType<typeof rowsOf>>; total: number }> {
    const { namesFile, terms } = this.ready(planId);
    const plan = this.#plans.get(planId) as Plan;
    if (of === 'selected') return { rows: from >= terms.count ? [] : await rowsOf(namesFile, plan.starts, from, count), total: terms.count };
    const total = plan.excluded?.count ?? 0;
    return { rows: plan.excluded === null || from >= total ? [] : await rowsOf(excludedFile(plan), plan.excluded.starts, from, count), total };
  }

  /** Keeps a ready plan longer. */
  extend(planId: string, lifeMs: number): void {
    const plan = this.#plans.get(planId);
    if (plan === undefined || plan.timer === null) return;
    clearTimeout(plan.timer);
    plan.expiresAt = Date.now() + lifeMs;
    plan.timer = setTimeout(() => void this.discard(planId).catch(this.#report), lifeMs).unref();
  }

  async discard(planId: string): Promise<void> {
    const plan = this.#plans.get(planId);
    if (plan === undefined) return;
    plan.abort.abort();
    if (plan.state === 'ready') {
      this.take(planId);
      await rm(plan.namesFile, { force: true });
    }
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#plans.keys()].map((planId) => this.discard(planId)));
  }

  #ready(plan: Plan, exact: boolean): void {
    plan.state = 'ready';
    plan.exactness = exact ? 'exact' : 'estimated';
    plan.durationMs = performance.now() - plan.begun;
    plan.expiresAt = Date.now() + planLifeMs;
    plan.timer = setTimeout(() => void this.discard(plan.planId).catch(this.#report), planLifeMs).unref();
    const ready = [...this.#plans.values()].filter(({ state }) => state === 'ready');
    for (const old of ready.slice(0, Math.max(0, ready.length - maxPlans))) void this.discard(old.planId).catch(this.#report);
  }

  /** Files of plans whose app has died. */
  async #sweep(folder: string): Promise<void> {
    for (const file of await readdir(folder)) {
      const path = join(folder, file);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
      const ours = [...this.#plans.values()].some(({ namesFile }) => namesFile === path || path === `${namesFile}.excluded`);
      if (!ours && Date.now() - mtimeMs > leftoverMs) await rm(path, { force: true });
    }
  }
}
