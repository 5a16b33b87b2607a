import type { KeyFactField } from '../../../../shared/contract/key-filter.ts';
import type { IndexSnapshot } from '../../../../shared/contract/keys.ts';
import type { Problem } from '../../../../shared/contract/errors.ts';
import { addSample, type ProgressSample } from '../../../../shared/progress.ts';
import { countExactness } from '../../../../shared/redis/scan-progress.ts';
import type { WorkerEndpoint } from '../session.ts';
import { AskAgain } from './ask-again.ts';
import type { IndexWorkerData, ScanNode } from './index-messages.ts';
import { KeyspaceIndex } from './keyspace-index.ts';
import { NodeScan, type NodeScanHost } from './node-scan.ts';
import type { LinkWork } from './node-link.ts';
import { toProblem } from './pending-calls.ts';
import { passMarks, scanSnapshot, scanState } from './scan-snapshot.ts';
import { SnapshotRate, snapshotEveryMs } from './snapshot-rate.ts';

/** Extra passes for slots that moved during a pass, at most; after that the counts stay estimates. */
const maxRepeats = 5;
/** How often a complete index looks whether the slots that were under way have arrived, ms. */
const lookAtMovesEveryMs = 1000;

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
  /** Slots are under way. */
  #moving = false;
  #lookedAt = 0;
  /** Slots kept moving to the last: keys may lie behind the pass. */
  #unsettled = false;
  #finishing = false;
  /** Asks for the masters. */
  readonly #look: AskAgain<ScanNode[]>;
  /** Names told, ever: for the rate. */
  #told = 0;
  #samples: ProgressSample[] = [];
  readonly #rate = new SnapshotRate(() => this.#host.snapshot(this.snapshot()));
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
    this.#look = new AskAgain({
      ask: () => host.topology(),
      wanted: () => this.#running,
      take: (masters) => {
        this.#take(masters);
        this.#problem = null;
      },
      failed: (error) => {
        this.#problem = toProblem(error);
        this.#changed(true);
      },
    });
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
    if (this.#running) await this.#look.now();
  }

  close(): void {
    this.#halt();
    for (const node of this.#nodes.values()) node.stop();
    this.#rate.close();
    this.index.close();
  }

  snapshot(): IndexSnapshot {
    return scanSnapshot(
      {
        indexId: this.#data.indexId,
        typed: this.#data.type !== null,
        running: this.#running,
        paused: this.#paused,
        problem: this.#problem,
        completedAt: this.#completedAt,
        samples: this.#samples,
        fields: this.#fields,
        factsFrom: this.#factsFrom,
        factsTo: this.#factsTo,
      },
      this.index,
      [...this.#nodes.values()],
    );
  }

  #run(): void {
    this.#running = true;
    this.#tick ??= setInterval(() => this.#onTick(), snapshotEveryMs);
    if (this.#completedAt === null) for (const node of this.#nodes.values()) node.start();
    void this.#look.now();
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

  #take(masters: readonly ScanNode[]): void {
    const wanted = new Map(masters.map((node) => [node.id, node]));
    this.#moving = masters.some(({ moving }) => moving);
    for (const [id, node] of this.#nodes) {
      const now = wanted.get(id);
      if (now === undefined) {
        node.stop();
        this.#nodes.delete(id);
      } else if (now.slots !== node.slots && node.state === 'done') {
        // keys of slots that came during or after its pass may lie behind it
        if (this.#repeats === maxRepeats || (this.#moving && this.#completedAt !== null)) {
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
    return passMarks(this.#nodes.values());
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
      await this.#look.now();
      if (!this.#running || !this.#allDone()) return;
      if (this.#moving) this.#unsettled = true;
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
    else if (this.#moving && Date.now() - this.#lookedAt > lookAtMovesEveryMs) {
      // once they have arrived, one more pass makes the counts exact
      this.#lookedAt = Date.now();
      void this.#look.now();
    }
  }

  #flushWork(): void {
    if (this.#work.length === 0) return;
    this.#host.work(this.#work);
    this.#work = [];
  }

  /** Sends a snapshot now or when their rate allows it. */
  #changed(urgent: boolean): void {
    this.#judge();
    if (urgent) void this.#finish();
    this.#rate.ask(urgent, () => this.#ended());
  }

  #ended(): boolean {
    const state = scanState({ running: this.#running, paused: this.#paused, problem: this.#problem, completedAt: this.#completedAt }, [...this.#nodes.values()]);
    return state === 'done' || state === 'failed';
  }
}
