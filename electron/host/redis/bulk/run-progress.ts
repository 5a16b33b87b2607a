import type { RunPace, RunSnapshot } from '../../../../shared/contract/bulk.ts';
import type { Problem } from '../../../../shared/contract/errors.ts';
import { addSample, etaMs, rateOf, type ProgressSample } from '../../../../shared/progress.ts';
import type { JobControl } from '../../services.ts';
import type { SnapshotListener } from '../../snapshots.ts';
import { rdbVersionOf, type KeptValue, type ValueShape } from './journal/records.ts';
import { RunTally } from './run-tally.ts';

/** Limits as a caller gives them: what is missing is none. */
export type GivenPace = { [Limit in keyof RunPace]?: number | null | undefined };

export interface RunIdentity {
  runId: string;
  kind: RunSnapshot['kind'];
  undo: boolean;
  title: string;
  unit: RunSnapshot['unit'];
}

type EndState = 'done' | 'cancelled' | 'failed' | 'interrupted';

/** How far a run or an undo of this session is, for all who watch it. */
export class RunProgress {
  readonly identity: RunIdentity;
  readonly tally = new RunTally();
  readonly #nodes = new Map<string, RunSnapshot['byNode'][number]>();
  readonly #listeners = new Set<SnapshotListener>();
  readonly #startedAt = Date.now();
  readonly #waiting = new Set<object>();
  readonly #backingOff = new Set<object>();
  readonly #shapes = new Map<string, ValueShape>();
  #samples: ProgressSample[] = [];
  #endedAt: number | null = null;
  #end: EndState | null = null;
  #problem: Problem | null = null;
  jobId: string | null = null;
  paused = false;
  cancelling = false;
  journalBytes = 0;
  /** The limits in force. */
  pace: RunPace = { keysPerSecond: null, serverShare: null, pauseMs: null, latencyFloorMs: null, hitRateFloor: null };
  total: number;
  holding: RunSnapshot['holding'] = null;
  stage: RunSnapshot['stage'] = null;
  /** Keys of each node, as planned. */
  readonly #planned: ReadonlyMap<string, number>;
  readonly #keepsUndo: boolean;

  constructor(identity: RunIdentity, total: number, about: { keepsUndo: boolean; byNode: readonly { node: string; keys: number }[] }) {
    this.identity = identity;
    this.total = total;
    this.#keepsUndo = about.keepsUndo;
    this.#planned = new Map(about.byNode.map(({ node, keys }) => [node, keys]));
  }

  get ended(): boolean {
    return this.#end !== null;
  }

  setPace({ keysPerSecond = null, serverShare = null, pauseMs = null, latencyFloorMs = null, hitRateFloor = null }: GivenPace): void {
    this.pace = { keysPerSecond, serverShare, pauseMs, latencyFloorMs, hitRateFloor };
  }

  /** Notes where the journal first holds a value of this type and format. */
  shape({ type, dump }: KeptValue, at: number): void {
    const format = rdbVersionOf(dump);
    const key = `${type} ${format}`;
    if (!this.#shapes.has(key)) this.#shapes.set(key, { type, format, at });
  }

  get shapes(): ValueShape[] {
    return [...this.#shapes.values()];
  }

  keepShapes(shapes: readonly ValueShape[]): void {
    for (const shape of shapes) this.#shapes.set(`${shape.type} ${shape.format}`, shape);
  }

  /** A page that is done, with its own tally. */
  page(node: string | null, tally: RunTally): void {
    this.tally.add(tally.read(), tally.failures);
    if (node !== null) {
      const count = this.#nodes.get(node) ?? { node, total: this.#planned.get(node) ?? null, done: 0, changed: 0 };
      count.done += tally.done;
      count.changed += tally.changed;
      this.#nodes.set(node, count);
    }
    this.#samples = addSample(this.#samples, { at: performance.now(), done: this.tally.done });
    this.changed();
  }

  /** Someone of the run waits for the server, or not any more. */
  waiting(who: object, waiting: boolean): void {
    if (waiting) this.#waiting.add(who);
    else this.#waiting.delete(who);
    this.changed();
  }

  backingOff(who: object, backing: boolean): void {
    if (backing === this.#backingOff.has(who)) return;
    if (backing) this.#backingOff.add(who);
    else this.#backingOff.delete(who);
    this.changed();
  }

  end(state: EndState, problem: Problem | null): void {
    this.#end = state;
    this.#problem = problem;
    this.#endedAt = Date.now();
    for (const listener of this.#listeners) listener('ended');
  }

  changed(): void {
    for (const listener of this.#listeners) listener('changed');
  }

  subscribe(listener: SnapshotListener): () => void {
    this.#listeners.add(listener);
    if (this.ended) listener('ended');
    return () => this.#listeners.delete(listener);
  }

  get state(): RunSnapshot['state'] {
    if (this.#end !== null) return this.#end;
    if (this.cancelling) return 'cancelling';
    if (this.paused) return 'paused';
    if (this.#waiting.size > 0) return 'waiting-for-server';
    return this.#backingOff.size > 0 ? 'backing-off' : 'running';
  }

  get #phase(): RunSnapshot['phase'] {
    const { stage } = this;
    if (this.holding !== null) return 'holding';
    if (stage === null || stage.decision === 'go-on' || stage.decision === 'stop') return 'running';
    return stage.waitUntil === null ? 'canary' : 'waiting';
  }

  read(): RunSnapshot {
    const { done } = this.tally;
    const moving = this.#end === null && !this.paused;
    const rate = moving ? rateOf(this.#samples, performance.now()) : 0;
    return {
      ...this.identity,
      jobId: this.#end === null ? this.jobId : null,
      state: this.state,
      total: this.total,
      done,
      ...this.tally.read(),
      byNode: [...this.#nodes.values()].map((count) => ({ ...count })),
      rate,
      etaMs: moving ? etaMs(done, this.total, rate) : null,
      keysPerSecond: this.pace.keysPerSecond,
      startedAt: this.#startedAt,
      endedAt: this.#endedAt,
      journalBytes: this.journalBytes,
      keepsUndo: this.#keepsUndo,
      phase: this.#phase,
      pace: { ...this.pace },
      holding: this.holding === null ? null : { ...this.holding },
      stage: this.stage === null ? null : { ...this.stage },
      problem: this.#problem,
    };
  }
}

/** Tells a run that its job is being cancelled. */
export function watchCancel(control: JobControl, progress: RunProgress): void {
  const cancelling = (): void => {
    progress.cancelling = true;
    progress.changed();
  };
  control.signal.addEventListener('abort', cancelling, { once: true });
}
