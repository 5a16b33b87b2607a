import type { WireBytes } from '../../../shared/bytes.ts';
import type { BulkSelection, RunPace } from '../../../shared/contract/bulk.ts';
import type { HostClient } from '../../../shared/contract/contract.ts';
import type { Problem } from '../../../shared/contract/errors.ts';
import type { InvalidateAction, InvalidatePlan, StagedRun } from '../../../shared/contract/invalidate.ts';
import { liveRuns } from '../../lib/bulk-words.ts';
import { NameLines } from '../../lib/name-lines.ts';
import { toProblem } from '../../lib/to-problem.ts';
import { isInvalidation } from './words.ts';
import { emptyForm, gathers, selectionOf, type ChooseForm, type NamesInput } from './choose/choose-form.ts';

export interface PlanProgress {
  /** `gathering`: names go to the host; `taken`: a run carries it out, its rows are gone. */
  state: 'idle' | 'gathering' | 'counting' | 'ready' | 'failed' | 'cancelled' | 'taken';
  gathered: { lines: number; blanks: number; bytes: number; totalBytes: number };
  snapshot: InvalidatePlan | null;
  /** What was counted. */
  action: InvalidateAction | null;
  problem: Problem | null;
}

export interface SessionState {
  form: ChooseForm;
  plan: PlanProgress;
  /** A saved invalidation with its values filled in; it stands in the place of the form. */
  runbook: ResolvedRunbook | null;
  /** The run that began here last. */
  runId: string | null;
}

/** What a runbook asks for here, and what whoever runs it cannot widen. */
export interface ResolvedRunbook {
  name: string;
  description: string;
  selection: BulkSelection;
  action: InvalidateAction;
  maxKeys: number | null;
  undo: boolean;
  staged: StagedRun | null;
  pace: RunPace;
}

const nothingGathered = { lines: 0, blanks: 0, bytes: 0, totalBytes: 0 };
const noPlan: PlanProgress = { state: 'idle', gathered: nothingGathered, snapshot: null, action: null, problem: null };

/** One call carries at most this many names, and about this many bytes of them. */
const namesPerCall = 50_000;
const bytesPerCall = 4 * 1024 * 1024;
/** A record of a file that is longer than this is none: a quote was left open. */
const longestRecord = 16 * 1024 * 1024;

/** What is chosen, counted and run in one workspace. It lives beside the screen: leaving the screen stops neither a count nor a run. */
export class InvalidateSession {
  private state: SessionState;
  private readonly listeners = new Set<() => void>();
  private counting: AbortController | null = null;
  private planId: string | null = null;
  private looked = false;
  private readonly client: HostClient;
  private readonly workspaceId: string;

  constructor(client: HostClient, workspaceId: string, db: number) {
    this.client = client;
    this.workspaceId = workspaceId;
    this.state = { form: emptyForm(db), plan: noPlan, runbook: null, runId: null };
  }

  readonly snapshot = (): SessionState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Changes the form. What was counted was counted for something else, so it goes. */
  change(next: Partial<ChooseForm>): void {
    this.drop();
    this.put({ form: { ...this.state.form, ...next }, plan: noPlan, runbook: null });
  }

  /** Takes a saved invalidation in place of the form, or leaves it. */
  take(runbook: ResolvedRunbook | null): void {
    this.drop();
    this.put({ runbook, plan: noPlan });
    if (runbook !== null) void this.count(runbook.action);
  }

  /** Follows another run, or none. */
  watch(runId: string | null): void {
    this.looked = true;
    this.put(this.state.plan.state === 'taken' && runId === null ? { runId, plan: noPlan } : { runId });
  }

  /** Finds a run that is under way from before this page, once: what was put away stays away. */
  async find(): Promise<void> {
    if (this.looked || this.state.runId !== null) return;
    this.looked = true;
    const runs = await this.client.bulk.runs();
    const live = runs.find((run) => run.workspaceId === this.workspaceId && isInvalidation(run.kind) && liveRuns.has(run.state));
    if (live !== undefined && this.state.runId === null) this.put({ runId: live.runId });
  }

  /** The plan is a run now: nothing is left to discard. */
  taken(runId: string): void {
    this.planId = null;
    this.drop();
    this.put({ runId, plan: { ...this.state.plan, state: 'taken' } });
  }

  cancel(): void {
    this.drop();
    this.plan({ state: 'cancelled' });
  }

  /** Gathers names where the choice has some, then counts to the end. */
  async count(action: InvalidateAction): Promise<void> {
    this.drop();
    const control = new AbortController();
    this.counting = control;
    const { signal } = control;
    const { form, runbook } = this.state;
    const input = runbook === null ? gathers(form) : null;
    this.put({ plan: { ...noPlan, state: input === null ? 'counting' : 'gathering', action } });
    try {
      const listId = input === null ? '' : await this.gather(input, signal);
      if (signal.aborted) return;
      const { selection } = runbook ?? selectionOf(form, this.workspaceId, listId);
      if (selection === null) throw new Error('The choice is not complete');
      this.plan({ state: 'counting' });
      const stream = await this.client.invalidate.plan({ selection, action }, { signal });
      for (let step = await stream.next(); !signal.aborted; step = await stream.next()) {
        if (step.done === true) return;
        this.planId = step.value.planId;
        this.plan({ snapshot: step.value, state: step.value.state === 'ready' ? 'ready' : 'counting' });
      }
    } catch (error) {
      if (!signal.aborted) this.plan({ state: 'failed', problem: toProblem(error) });
    }
  }

  private async gather(input: NamesInput, signal: AbortSignal): Promise<string> {
    const blob = input.file ?? new Blob([input.text]);
    const lines = new NameLines(input.layout);
    let listId: string | null = null;
    let read = 0;
    let batch: WireBytes[] = [];
    let batchBytes = 0;
    const send = async () => {
      if (batch.length === 0) return;
      const answer: { listId: string; names: number } = await this.client.bulk.nameList({ listId, names: batch });
      ({ listId } = answer);
      batch = [];
      batchBytes = 0;
    };
    const add = async (found: readonly WireBytes[]) => {
      for (const name of found) {
        batch.push(name);
        batchBytes += typeof name === 'string' ? name.length : name.b64.length;
        if (batch.length >= namesPerCall || batchBytes >= bytesPerCall) await send();
      }
    };
    const reader = blob.stream().getReader();
    const tell = () => this.plan({ gathered: { lines: lines.names, blanks: lines.blanks, bytes: read, totalBytes: blob.size } });
    for (let step = await reader.read(); !signal.aborted && !step.done; step = await reader.read()) {
      read += step.value.length;
      await add(lines.push(step.value));
      if (lines.pending > longestRecord) throw new Error('One record of the file is longer than 16 MiB; a quote may be left open');
      tell();
    }
    await reader.cancel();
    if (signal.aborted) return '';
    await add(lines.end());
    await send();
    tell();
    if (listId === null) throw new Error(input.layout.column === null ? 'There are no names in it' : `There are no names in column ${input.layout.column}`);
    return listId;
  }

  private drop(): void {
    this.counting?.abort();
    this.counting = null;
    const id = this.planId;
    this.planId = null;
    // The host forgets plans by itself after ten minutes.
    if (id !== null) this.client.invalidate.discardPlan({ planId: id }).catch(() => undefined);
  }

  private plan(next: Partial<PlanProgress>): void {
    this.put({ plan: { ...this.state.plan, ...next } });
  }

  private put(next: Partial<SessionState>): void {
    this.state = { ...this.state, ...next };
    for (const listener of this.listeners) listener();
  }
}

const sessions = new WeakMap<HostClient, Map<string, InvalidateSession>>();

/** The session of a workspace, made when it is first asked for. */
export function sessionOf(client: HostClient, workspaceId: string, db: number): InvalidateSession {
  const known = sessions.get(client) ?? new Map<string, InvalidateSession>();
  sessions.set(client, known);
  const session = known.get(workspaceId) ?? new InvalidateSession(client, workspaceId, db);
  known.set(workspaceId, session);
  return session;
}
