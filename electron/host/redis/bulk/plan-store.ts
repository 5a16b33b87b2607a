import { randomInt, randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlanSnapshot } from '../../../../shared/contract/bulk.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import type { Workspace } from '../../../../shared/contract/workspaces.ts';
import { toWire, type WireBytes } from '../../../../shared/bytes.ts';
import { addSample, etaMs, rateOf, type ProgressSample } from '../../../../shared/progress.ts';
import { snapshotStream, type SnapshotListener } from '../../snapshots.ts';
import type { RunHeader } from './journal/records.ts';
import type { RunStore } from './journal/run-store.ts';
import { NamesWriter, readNames } from './names-file.ts';
import { PlanTally } from './plan-tally.ts';

/** How long a plan can be carried out after it is ready, ms. */
export const planLifeMs = 10 * 60_000;
const maxPlans = 16;
/** Above this many a click is not enough. */
const countAbove = 1000;
const leftoverMs = 60 * 60_000;

/** What a run needs of a plan; the rest of its header comes when it starts. */
export type PlannedHeader = Pick<RunHeader, 'kind' | 'unit' | 'title' | 'db' | 'hash' | 'action' | 'filter' | 'exclude'>;

export interface PlanInput {
  workspace: Workspace;
  header: PlannedHeader;
  everything: boolean;
  method: PlanSnapshot['method'];
  /** Does the counting; returns whether it is exact. */
  work: (plan: PlanInWork) => Promise<boolean>;
}

export interface PlanInWork {
  tally: PlanTally;
  names: NamesWriter;
  signal: AbortSignal;
  onChange: (change: Partial<Pick<PlanSnapshot, 'state' | 'walked' | 'total'>>) => void;
}

export interface ReadyPlan {
  planId: string;
  workspace: Workspace;
  header: PlannedHeader;
  seed: number;
  namesFile: string;
  snapshot: PlanSnapshot;
}

interface Plan {
  planId: string;
  input: PlanInput;
  seed: number;
  tally: PlanTally;
  namesFile: string;
  starts: NamesWriter['starts'];
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

function snapshotOf(plan: Plan): PlanSnapshot {
  const { input, tally } = plan;
  const rate = plan.durationMs === null ? rateOf(plan.samples, performance.now()) : 0;
  const many = tally.wouldChange > countAbove || input.everything;
  return {
    planId: plan.planId,
    unit: input.header.unit,
    state: plan.state,
    exactness: plan.exactness,
    walked: plan.walked,
    total: plan.total,
    ...tally.read(),
    everything: input.everything,
    confirmation: input.workspace.environment === 'production' ? 'count-and-name' : many ? 'count' : 'click',
    method: input.method,
    startedAt: plan.startedAt,
    durationMs: plan.durationMs ?? performance.now() - plan.begun,
    rate,
    etaMs: plan.state === 'ready' ? 0 : etaMs(plan.walked, plan.total, rate),
    expiresAt: plan.expiresAt,
  };
}

function gonePlan(): LookasideError {
  return new LookasideError('CONFLICT', 'This plan is too old, or was carried out', { hint: 'Count again: the keys may have changed since.' });
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
  async *count(input: PlanInput, signal: AbortSignal): AsyncGenerator<PlanSnapshot, void, void> {
    const folder = await this.#store.preparePlans();
    await this.#sweep(folder);
    const planId = randomUUID();
    const seed = randomInt(0x1_0000_0000);
    const namesFile = join(folder, `${planId}.names`);
    const names = await NamesWriter.create(namesFile);
    const plan: Plan = {
      planId,
      input,
      seed,
      tally: new PlanTally(input.header.action, seed),
      namesFile,
      starts: names.starts,
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
        const exact = await input.work({ tally: plan.tally, names, signal: plan.abort.signal, onChange });
        await names.finish();
        this.#ready(plan, exact);
      } catch (error) {
        failure = error;
        await names.discard();
      }
      tell('ended');
    })();
    try {
      yield* snapshotStream({
        read: () => {
          if (failure !== null) throw failure;
          return snapshotOf(plan);
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
    return { planId, workspace: input.workspace, header: input.header, seed, namesFile, snapshot: snapshotOf(plan) };
  }

  /** Gives the plan's names away: it cannot be carried out a second time. Call it at once after `ready`. */
  take(planId: string): void {
    const plan = this.#plans.get(planId);
    if (plan?.timer) clearTimeout(plan.timer);
    this.#plans.delete(planId);
  }

  async names(planId: string, from: number, count: number): Promise<{ names: WireBytes[]; total: number }> {
    const { namesFile, snapshot } = this.ready(planId);
    const starts = this.#plans.get(planId)?.starts ?? [];
    const found: WireBytes[] = [];
    let low = 0;
    for (let high = starts.length; high - low > 1; ) {
      const middle = (low + high) >> 1;
      if ((starts[middle] as { before: number }).before <= from) low = middle;
      else high = middle;
    }
    const start = starts[low];
    if (start === undefined || from >= snapshot.wouldChange) return { names: [], total: snapshot.wouldChange };
    let skip = from - start.before;
    for await (const page of readNames(namesFile, { at: start.at, index: low })) {
      for (const name of page.names.slice(skip)) {
        if (found.length === count) break;
        found.push(toWire(name));
      }
      skip = Math.max(0, skip - page.names.length);
      if (found.length === count) break;
    }
    return { names: found, total: snapshot.wouldChange };
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
      const ours = [...this.#plans.values()].some(({ namesFile }) => namesFile === path);
      if (!ours && Date.now() - mtimeMs > leftoverMs) await rm(path, { force: true });
    }
  }
}
