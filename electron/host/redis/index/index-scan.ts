import type { FactsState } from '../../../../shared/contract/key-facts.ts';
import type { KeyFactField } from '../../../../shared/contract/key-filter.ts';
import type { IndexSnapshot } from '../../../../shared/contract/keys.ts';
import type { Problem } from '../../../../shared/contract/errors.ts';
import { addSample, etaMs, rateOf, type ProgressSample } from '../../../../shared/progress.ts';
import { countExactness, scanCoverage } from '../../../../shared/redis/scan-progress.ts';
import type { WorkerEndpoint } from '../session.ts';
import type { IndexWorkerData, ScanNode } from './index-messages.ts';
import { KeyspaceIndex } from './keyspace-index.ts';
import { NodeScan, type NodeScanHost } from './node-scan.ts';
import type { LinkWork } from './node-link.ts';
import { toProblem } from './pending-calls.ts';

/** Snapshots in any second, at most. */
const perSecond = 5;
const tickMs = 220;
const topologyRetryMs = 500;
/** Extra passes for slots that moved during a pass, at most; after that the counts stay estimates. */
const maxRepeats = 5;

export interface IndexScanHost {
  endpoint(nodeId: string): Promise<WorkerEndpoint>;
  topology(): Promise<ScanNode[]>;
  snapshot(snapshot: IndexSnapshot): void;
  work(work: LinkWork[]): void;
}

/** One index and the scans that fill it: all masters in parallel, until every one has been walked to its end. */
export class IndexScan {
  readonly index: KeyspaceIndex;
  readonly #data: IndexWorkerData;
  readonly #host: IndexScanHost;
  readonly #nodes = new Map<string, NodeScan>();
  readonly #nodeHost: NodeScanHost;
  #budget: number | null;
  #running = false;
  #paused = false;
  #problem: Problem | null = null;
  #completedAt: number | null = null;
  #repeats = 0;
  /** Slots kept moving to the last: keys may lie behind the pass. */
  #unsettled = false;
  #finishing = false;
  #looking: Promise<void> | null = null;
  #lookAgain = false;
  /** Names told, ever: for the rate. */
  #told = 0;
  #samples: ProgressSample[] = [];
  readonly #sent: number[] = [];
  #timer: NodeJS.Timeout | null = null;
  #now: NodeJS.Immediate | null = null;
  #tick: NodeJS.Timeout | null = null;
  #dirtyRows = false;
  /** Names have come: the first of them are news that does not wait. */
  #hasRows = false;
  readonly #awaitFirst = new Set<() => void>();
  #work: LinkWork[] = [];
  /** Facts that passes read; another set is another object. */
  #fields: ReadonlySet<KeyFactField> = new Set();
  /** When the pass that reads them began, and ended. */
  #factsFrom = 0;
  #factsTo: number | null = null;

  constructor(data: IndexWorkerData, host: IndexScanHost) {
    this.#data = data;
    this.#host = host;
    this.#budget = data.budget;
    this.index = new KeyspaceIndex(data.delimiters, () => this.#changed(false));
    this.#nodeHost = {
      endpoint: (nodeId) => host.endpoint(nodeId),
      fields: () => this.#fields,
      passBegins: (mark) => this.index.passBegins(mark, Date.now()),
      page: (facts, recency) => this.index.usePage(facts, recency),
      put: (bytes, from, to, count, mark, ticket) => {
        this.#told += count;
        this.#dirtyRows = true;
        this.index.putAll(bytes, from, to, count, mark, ticket);
      },
      sized: () => {
        // how many have the type is not known
        if (data.type === null) this.index.expect([...this.#nodes.values()].reduce((sum, node) => sum + (node.total ?? 0), 0));
      },
      clockSkew: (ms) => {
        // within the jitter of a round trip the clocks are the same
        this.index.clockSkew = Math.abs(ms) < 50 ? 0 : ms;
      },
      now: () => this.index.now(),
      bytesEnd: () => {
        if (!this.#dirtyRows) return;
        this.#dirtyRows = false;
        const first = !this.#hasRows;
        this.#hasRows = true;
        this.#judge();
        this.index.changed();
        if (!first) return;
        this.#tellFirst();
        this.#changed(true);
      },
      changed: (urgent) => this.#changed(urgent),
      freshMark: (present) => this.#freshMark(present),
      work: (work) => this.#work.push(...work),
    };
  }

  /** Someone watches. */
  start(): void {
    this.#paused = false;
    this.#run();
  }

  #tellFirst(): void {
    for (const come of this.#awaitFirst) come();
  }

  /** Waits until there are names or the scan does not go on, but no longer than `ms`. */
  async firstNames(ms: number): Promise<void> {
    if (ms === 0 || this.#hasRows || this.#paused || this.#completedAt !== null) return;
    await new Promise<void>((resolve) => {
      const come = (): void => {
        clearTimeout(timer);
        this.#awaitFirst.delete(come);
        resolve();
      };
      const timer = setTimeout(come, ms);
      this.#awaitFirst.add(come);
    });
  }

  resume(): void {
    this.#paused = false;
    this.#run();
  }

  pause(): void {
    this.#paused = true;
    this.#halt();
  }

  /** Nobody watches any more. */
  leave(): void {
    this.#halt();
  }

  /** All again from the start; what is held stays in view until a whole pass has not seen it. */
  restart(): void {
    this.#completedAt = null;
    this.#repeats = 0;
    this.#unsettled = false;
    this.#factsFrom = Date.now();
    this.#factsTo = null;
    for (const node of this.#nodes.values()) node.restart(node.slots);
    this.#paused = false;
    this.#run();
  }

  /** Keys that an edit of this program added or removed. Before the first pass there is nothing to add to. */
  noteChange(added: readonly Uint8Array[], removed: readonly Uint8Array[]): void {
    const [mark] = this.#marks();
    this.index.note(mark === undefined ? [] : added, removed, mark ?? 1);
    this.#judge();
    this.#changed(false);
  }

  /** Reads these facts too, by a pass from the start; none = forgets all. */
  enrich(fields: readonly KeyFactField[], refresh: boolean): void {
    const wanted = fields.length === 0 ? [] : [...new Set([...this.#fields, ...fields])];
    const same = wanted.length === this.#fields.size;
    if (same && !(refresh && wanted.length > 0)) {
      if (wanted.length > 0) this.resume();
      return;
    }
    if (!same) {
      this.#fields = new Set(wanted);
      this.index.setFactFields(wanted);
    }
    this.#factsFrom = Date.now();
    this.#factsTo = null;
    if (wanted.length === 0) this.#changed(true);
    else this.restart();
  }

  setBudget(budget: number): void {
    this.#budget = budget;
    for (const node of this.#nodes.values()) node.setBudget(budget);
    this.#changed(true);
  }

  /** Masters may have come, gone, or changed their slots. */
  async topologyChanged(): Promise<void> {
    for (const node of this.#nodes.values()) node.retryNow();
    if (this.#running) await this.#look();
  }

  close(): void {
    this.#halt();
    for (const node of this.#nodes.values()) node.stop();
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#now !== null) clearImmediate(this.#now);
    this.index.close();
  }

  snapshot(): IndexSnapshot {
    const nodes = [...this.#nodes.values()];
    const complete = this.#completedAt !== null;
    const totals = nodes.map((node) => node.total);
    const total = nodes.length === 0 || totals.includes(null) ? null : totals.reduce<number>((sum, each) => sum + (each ?? 0), 0);
    const walked = nodes.reduce((sum, node) => sum + Math.min(node.walked, node.total ?? node.walked), 0);
    const state = this.#state();
    const rate = state === 'scanning' || state === 'backing-off' ? rateOf(this.#samples, performance.now()) : 0;
    return {
      indexId: this.#data.indexId,
      version: this.index.version,
      state,
      keys: this.index.keys,
      folders: this.index.folders,
      total,
      coverage: scanCoverage(walked, total, complete),
      exactness: this.index.exactness,
      rate,
      etaMs: complete ? 0 : this.#data.type === null ? etaMs(walked, total, rate) : null,
      completedAt: this.#completedAt,
      nodes: nodes.map((node) => ({
        node: node.id,
        scanned: node.scanned,
        total: node.total,
        done: node.state === 'done',
        problem: node.problem,
      })),
      problem: state === 'failed' || state === 'waiting-for-server' ? (this.#problem ?? nodes.find((node) => node.problem !== null)?.problem ?? null) : null,
      memoryBytes: this.index.bytes,
      facts: this.#factsState(scanCoverage(walked, total, complete)),
      suggestedDelimiters: this.index.suggestedDelimiters,
    };
  }

  #factsState(coverage: number): FactsState | null {
    if (this.#fields.size === 0) return null;
    const nodes = [...this.#nodes.values()];
    return {
      fields: [...this.#fields],
      known: this.index.seenBy(this.#marks()),
      coverage,
      startedAt: this.#factsFrom,
      completedAt: this.#factsTo,
      recency: this.index.columns?.recencyKind ?? null,
      disturbsIdle: this.#fields.has('elements') && nodes.some((node) => node.disturbsIdle),
      clockSkewMs: this.index.clockSkew,
      ways: nodes.map((node) => ({ node: node.id, way: node.way, reason: node.wayReason })),
    };
  }

  #state(): IndexSnapshot['state'] {
    if (this.#completedAt !== null) return 'done';
    const states = new Set([...this.#nodes.values()].map((node) => node.state));
    const alive = states.has('scanning') || states.has('connecting');
    if (!this.#running) return states.has('failed') && !this.#paused ? 'failed' : 'paused';
    if (alive) return [...this.#nodes.values()].some((node) => node.state === 'scanning' && node.pace.backingOff) ? 'backing-off' : 'scanning';
    if (states.has('waiting')) return 'waiting-for-server';
    if (states.has('failed')) return 'failed';
    return this.#problem === null ? 'scanning' : 'waiting-for-server';
  }

  #run(): void {
    this.#running = true;
    this.#tick ??= setInterval(() => this.#onTick(), tickMs);
    if (this.#completedAt === null) for (const node of this.#nodes.values()) node.start();
    void this.#look();
    this.#changed(true);
  }

  #halt(): void {
    this.#running = false;
    for (const node of this.#nodes.values()) node.stop();
    this.#samples = [];
    if (this.#tick !== null) clearInterval(this.#tick);
    this.#tick = null;
    this.#flushWork();
    this.#tellFirst();
    this.#changed(true);
  }

  /** Asks for the masters until they are known; one inquiry at a time. */
  #look(): Promise<void> {
    this.#lookAgain = true;
    this.#looking ??= this.#lookUntilKnown().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #lookUntilKnown(): Promise<void> {
    while (this.#lookAgain && this.#running) {
      this.#lookAgain = false;
      try {
        this.#take(await this.#host.topology());
        this.#problem = null;
      } catch (error) {
        this.#problem = toProblem(error);
        this.#changed(true);
        this.#lookAgain = true;
        await new Promise((resolve) => {
          setTimeout(resolve, topologyRetryMs);
        });
      }
    }
  }

  #take(masters: readonly ScanNode[]): void {
    const wanted = new Map(masters.map((node) => [node.id, node]));
    for (const [id, node] of this.#nodes) {
      const now = wanted.get(id);
      if (now === undefined) {
        node.stop();
        this.#nodes.delete(id);
      } else if (now.slots !== node.slots && node.state === 'done') {
        // keys of slots that came during or after its pass may lie behind it
        if (this.#repeats === maxRepeats) {
          this.#unsettled = true;
          continue;
        }
        this.#repeats += 1;
        this.#unsettled = false;
        this.#reopen();
        node.restart(now.slots);
      }
    }
    for (const { id, slots } of masters) {
      if (this.#nodes.has(id)) continue;
      this.#reopen();
      this.#nodes.set(id, new NodeScan(id, slots, this.#freshMark(1), this.#nodeHost, { type: this.#data.type, budget: this.#budget }));
    }
    if (this.#running && this.#completedAt === null) for (const node of this.#nodes.values()) node.start();
    this.#changed(true);
  }

  /** A pass that was complete is not any more. */
  #reopen(): void {
    if (this.#completedAt === null) return;
    this.#completedAt = null;
  }

  #marks(): Set<number> {
    return new Set([...this.#nodes.values()].map((node) => node.mark));
  }

  /** What the counts are worth now. */
  #judge(): void {
    const exactness = countExactness({
      complete: this.#completedAt !== null && !this.#unsettled,
      holdsEarlierPass: this.#unsettled || this.index.holdsOthers(this.#marks()),
    });
    if (exactness === this.index.exactness) return;
    this.index.exactness = exactness;
    // rows say what their counts are worth: other words are another version
    this.index.changed();
  }

  #freshMark(present: number): number {
    const used = this.#marks();
    for (let mark = 1; mark <= 255; mark += 1) if (!used.has(mark) && this.index.isFree(mark)) return mark;
    return present;
  }

  /** When every node is done and the masters are still the same with the same slots, the pass is complete. */
  async #finish(): Promise<void> {
    if (this.#finishing || !this.#running || this.#completedAt !== null || !this.#allDone()) return;
    this.#finishing = true;
    try {
      await this.#look();
      if (!this.#running || !this.#allDone()) return;
      this.index.endPass(this.#marks());
      this.#completedAt = Date.now();
      if (this.#fields.size > 0) this.#factsTo = this.#completedAt;
      this.#repeats = 0;
      this.#judge();
      this.index.changed();
      this.#flushWork();
      this.#tellFirst();
      this.#changed(true);
    } finally {
      this.#finishing = false;
    }
    if (this.#allDone() && this.#completedAt === null) void this.#finish();
  }

  #allDone(): boolean {
    if (this.#nodes.size === 0) return false;
    for (const node of this.#nodes.values()) if (node.state !== 'done') return false;
    return true;
  }

  #onTick(): void {
    this.#samples = addSample(this.#samples, { at: performance.now(), done: this.#told });
    this.#flushWork();
    if (this.#completedAt === null) this.#changed(false);
  }

  #flushWork(): void {
    if (this.#work.length === 0) return;
    this.#host.work(this.#work);
    this.#work = [];
  }

  /**
   * Sends a snapshot now or when the rate of snapshots allows it: at most five in any second. Urgent ones need no distance
   * to the one before; the last of the five is kept for an end.
   */
  #changed(urgent: boolean): void {
    this.#judge();
    if (urgent) void this.#finish();
    if (this.#now !== null || (this.#timer !== null && !urgent)) return;
    const now = performance.now();
    const sent = this.#sent;
    while (sent.length > 0 && (sent[0] as number) <= now - 1000) sent.shift();
    const allowed = urgent && this.#ended() ? perSecond : perSecond - 1;
    const full = sent.length >= allowed ? (sent[sent.length - allowed] as number) + 1000 - now : 0;
    const spaced = urgent ? 0 : (sent.at(-1) ?? -Infinity) + tickMs - now;
    const wait = Math.max(full, spaced);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    // several in one turn are one
    if (wait > 0) this.#timer = setTimeout(() => this.#send(), wait);
    else this.#now = setImmediate(() => this.#send());
  }

  #send(): void {
    this.#timer = null;
    this.#now = null;
    this.#sent.push(performance.now());
    this.#host.snapshot(this.snapshot());
  }

  #ended(): boolean {
    const state = this.#state();
    return state === 'done' || state === 'failed';
  }
}
