import { LookasideError, type Problem } from '../../../../shared/contract/errors.ts';
import { isPermanent } from '../../connections/redis/redis-errors.ts';
import type { WorkerEndpoint } from '../session.ts';
import type { KeyFactField } from '../../../../shared/contract/key-filter.ts';
import { FactPipeline } from './fact-pipeline.ts';
import { NodeLink, type LinkWork } from './node-link.ts';
import { walkNode, type WalkWay } from './node-walk.ts';
import type { PageFacts } from './page-facts.ts';
import { ScanPace } from './scan-pace.ts';

const probeEveryMs = 50;
/** Every how many probes the server's command counter is read. */
const statsEvery = 6;
const firstRetryMs = 200;
const longestRetryMs = 5000;

export interface NodeScanHost {
  endpoint(nodeId: string): Promise<WorkerEndpoint>;
  /** Facts to read; another set than before = the walk goes on with that. Empty = names alone. */
  fields(): ReadonlySet<KeyFactField>;
  /** A pass begins to tell names with this mark. */
  passBegins(mark: number): void;
  /** The facts that tickets of the next names point into, and what their recency is. */
  page(facts: PageFacts, recency: 'idle' | 'frequency' | null): void;
  /** `count` names of the pass that carries `mark`: `bytes[from[i]...to[i]]`; their facts are those from `ticket` on, -1 = none. */
  put(bytes: Uint8Array, from: Int32Array, to: Int32Array, count: number, mark: number, ticket: number): void;
  /** The server has told how many keys it has. */
  sized(): void;
  /** Unix ms by this machine's clock, and what the server's says more. */
  clockSkew(ms: number): void;
  now(): number;
  /** The bytes of the names told since the last call cease to be valid. */
  bytesEnd(): void;
  /** Anything that a snapshot shows has changed. */
  changed(urgent: boolean): void;
  /** A mark for a new pass; the node's own again when none is free. */
  freshMark(present: number): number;
  work(work: readonly LinkWork[]): void;
}

export type NodeScanState = 'idle' | 'connecting' | 'scanning' | 'waiting' | 'failed' | 'done';

/** Whether trying again cannot help. A command that a server refuses once, it refuses again. */
function isLasting({ code }: LookasideError): boolean {
  return isPermanent(code) || code === 'REDIS_COMMAND_FAILED' || code === 'LIMIT_EXCEEDED' || code === 'INTERNAL';
}

/**
 * The pass over one master: connects, walks by cursor, waits out lost connections, and goes on where it stood. The
 * cursor means nothing to another process (its hash seed differs), so a restarted server's pass begins again.
 */
export class NodeScan {
  readonly id: string;
  readonly #host: NodeScanHost;
  readonly #type: string | null;
  readonly pace: ScanPace;
  state: NodeScanState = 'idle';
  /** Names told in this pass, duplicates included. */
  scanned = 0;
  /** DBSIZE at the start of the pass. */
  total: number | null = null;
  problem: Problem | null = null;
  /** Slots as they were when the pass began, as text; another text means that keys may have moved behind it. */
  slots: string;
  mark: number;
  /** How facts are read, decided once; `null` = not yet. */
  way: 'script' | 'pipeline' | null = null;
  /** Why not by script; what the server refuses to tell. */
  wayReason = '';
  /** What OBJECT tells under the server's eviction policy; `null` = not known yet. */
  recency: 'idle' | 'frequency' | null = null;
  /** Counting elements resets idle times here. */
  disturbsIdle = false;
  #cluster = false;
  /** Elements looked at in this pass. */
  #looked = 0;
  #cursor = '0';
  /** A page of this pass has been read. */
  #begun = false;
  /** Counts passes, so that a page of an earlier one is told apart. */
  #pass = 0;
  #runId: string | null = null;
  #wanted = false;
  #active = false;
  #link: NodeLink | null = null;
  #ownCommands = 0;
  #wake = (): void => undefined;

  constructor(id: string, slots: string, mark: number, host: NodeScanHost, options: { type: string | null; budget: number | null }) {
    this.id = id;
    this.slots = slots;
    this.mark = mark;
    this.#host = host;
    this.#type = options.type;
    this.pace = new ScanPace(options.budget);
  }

  /** Elements walked, as an estimate: with a type filter names say nothing about that. */
  get walked(): number {
    return this.#type === null ? this.scanned : this.#looked;
  }

  /** Starts or resumes. Nothing happens when the pass is done or runs already. */
  start(): void {
    if (this.state === 'done') return;
    this.#wanted = true;
    if (!this.#active) void this.#run();
  }

  /** Stops at the end of the page under way; the cursor is kept. */
  stop(): void {
    this.#wanted = false;
    this.#wake();
  }

  /** Share of server time, 0.01 to 1; a nap that an earlier budget asked for ends. */
  setBudget(budget: number): void {
    this.pace.budget = budget;
    this.#wake();
  }

  /** Tries again at once instead of at the next back-off. */
  retryNow(): void {
    if (this.state === 'waiting') this.#wake();
  }

  /** Forgets where it stood: the next start walks all again, under a new mark. */
  restart(slots: string): void {
    this.slots = slots;
    this.#newPass();
    if (this.state === 'done' || this.state === 'failed') this.state = 'idle';
  }

  #newPass(): void {
    if (this.#begun) this.mark = this.#host.freshMark(this.mark);
    this.#pass += 1;
    this.#begun = false;
    this.#cursor = '0';
    this.scanned = 0;
    this.#looked = 0;
  }

  async #run(): Promise<void> {
    this.#active = true;
    this.problem = null;
    let failures = 0;
    while (this.#wanted) {
      this.#become(failures === 0 ? 'connecting' : 'waiting');
      try {
        const finished = await this.#connectAndWalk(() => {
          failures = 0;
        });
        if (!finished) continue;
        this.problem = null;
        this.#end('done');
        return;
      } catch (error) {
        const failure = error instanceof LookasideError ? error : new LookasideError('INTERNAL', 'The index failed', { cause: error });
        this.problem = failure.toProblem();
        if (isLasting(failure)) {
          this.#end('failed');
          return;
        }
        failures += 1;
        this.#become('waiting');
        if (this.#wanted) await this.#rest(Math.min(longestRetryMs, firstRetryMs * 2 ** (failures - 1)));
      }
    }
    this.#end('idle');
  }

  /** Nothing runs any more; `start` may begin anew. */
  #end(state: NodeScanState): void {
    this.#active = false;
    this.#wanted = false;
    this.#become(state);
  }

  #become(state: NodeScanState): void {
    if (this.state === state) return;
    this.state = state;
    // what a snapshot calls scanning begins and goes on without haste; the other states are news
    this.#host.changed(state !== 'connecting' && state !== 'scanning');
  }

  /** Sleeps, at most until `stop` or `retryNow`. */
  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** One connection's life; whether the pass is complete. */
  async #connectAndWalk(onProgress: () => void): Promise<boolean> {
    const endpoint = await this.#host.endpoint(this.id);
    const link = await NodeLink.open(endpoint, 'lookaside-index');
    this.#link = link;
    const stopProbing = this.#probe(endpoint);
    try {
      await this.#recognise(link);
      if (!this.#wanted) return false;
      const fields = this.#host.fields();
      if (fields.size > 0) await this.#prepareFacts(link, fields);
      await this.#walk(link, fields, () => {
        if (this.state === 'scanning') return;
        onProgress();
        this.problem = null;
        this.#become('scanning');
      });
      return this.#begun && this.#cursor === '0';
    } finally {
      stopProbing();
      this.#host.work(link.takeWork());
      link.close();
      this.#link = null;
    }
  }

  /** Learns which process answers and how many keys it has. */
  async #recognise(link: NodeLink): Promise<void> {
    const begun = performance.now();
    const beganAt = Date.now();
    const [pong, info, size] = await Promise.allSettled([link.call('PING'), link.call('INFO', 'server'), link.call('DBSIZE')]);
    // loading, down and lost connections show here; a user without PING may still SCAN
    if (pong.status === 'rejected' && !(pong.reason instanceof LookasideError && pong.reason.code === 'REDIS_NO_PERMISSION')) throw pong.reason;
    const tookMs = performance.now() - begun;
    this.pace.begin(tookMs / 2);
    const server = info.status === 'fulfilled' ? info.value : '';
    this.#cluster = /^(redis|server)_mode:cluster/m.test(server);
    const clock = /^server_time_usec:(\d+)/m.exec(server)?.[1];
    if (clock !== undefined) this.#host.clockSkew(Math.round(Number(clock) / 1000 - (beganAt + tookMs / 2)));
    const runId = /^run_id:(\S+)/m.exec(server)?.[1] ?? null;
    if (this.#begun && (runId === null || runId !== this.#runId)) this.#newPass();
    this.#runId = runId;
    if (!this.#begun || this.total === null) this.total = size.status === 'fulfilled' ? Number(size.value) : null;
    this.#host.sized();
  }

  /** What must be known and set before facts are read. */
  async #prepareFacts(link: NodeLink, fields: ReadonlySet<KeyFactField>): Promise<void> {
    const permitted = async (ask: Promise<string>): Promise<string | null> => {
      try {
        return await ask;
      } catch (error) {
        if (error instanceof LookasideError && (error.code === 'REDIS_NO_PERMISSION' || error.code === 'REDIS_COMMAND_FAILED')) return null;
        throw error;
      }
    };
    if (fields.has('recency') && this.recency === null) {
      const policy = /^maxmemory_policy:(\S+)/m.exec((await permitted(link.call('INFO', 'memory'))) ?? '')?.[1] ?? '';
      this.recency = policy.endsWith('-lfu') ? 'frequency' : 'idle';
    }
    if (fields.has('elements')) this.disturbsIdle = (await permitted(link.call('CLIENT', 'NO-TOUCH', 'ON'))) === null;
    if (this.way === null && this.#cluster) this.#useReads('A script may not read keys of many slots of a Cluster');
  }

  #useReads(reason: string): void {
    this.way = 'pipeline';
    this.wayReason = reason;
  }

  /** Pages until the cursor is back at 0, `stop`, a new pass, or other facts to read. */
  async #walk(link: NodeLink, fields: ReadonlySet<KeyFactField>, onProgress: () => void): Promise<void> {
    const pass = this.#pass;
    const way = this.#wayFor(fields);
    if (!this.#begun) this.#host.passBegins(this.mark);
    try {
      await walkNode({
        link,
        pace: this.pace,
        type: this.#type,
        cursor: this.#cursor,
        way,
        host: {
          mayGoOn: () => this.#wanted && pass === this.#pass && this.#host.fields() === fields,
          rest: (ms) => this.#rest(ms),
          page: (facts) => this.#host.page(facts, this.recency),
          names: (bytes, from, to, count, ticket) => {
            if (pass === this.#pass) this.scanned += count;
            this.#host.put(bytes, from, to, count, this.mark, ticket);
          },
          pageEnd: (cursor, size) => {
            onProgress();
            if (pass === this.#pass) {
              this.#begun = true;
              this.#looked += size;
              this.#cursor = cursor;
            }
            if (way.kind === 'script') this.way = 'script';
            if (way.kind === 'pipeline') this.#noteRefusals(way.pipeline);
            this.#host.changed(false);
          },
          bytesEnd: () => this.#host.bytesEnd(),
        },
      });
    } catch (error) {
      // a server without scripts of this kind, a user that may not run them: the same page is read in the other way
      const refused = error instanceof LookasideError && (error.code === 'REDIS_NO_PERMISSION' || error.code === 'REDIS_COMMAND_FAILED');
      if (way.kind !== 'script' || !refused) throw error;
      this.#useReads(error.message);
      await this.#walk(link, fields, onProgress);
    }
  }

  #wayFor(fields: ReadonlySet<KeyFactField>): WalkWay {
    if (fields.size === 0) return { kind: 'names' };
    const recency = this.recency ?? 'idle';
    if (this.way !== 'pipeline') return { kind: 'script', fields, recency };
    return { kind: 'pipeline', pipeline: new FactPipeline({ fields, recency, expireTime: true, now: () => this.#host.now() }) };
  }

  #noteRefusals({ refused }: FactPipeline): void {
    for (const words of refused.values()) if (!this.wayReason.includes(words)) this.wayReason = `${this.wayReason}; ${words}`.slice(0, 500);
  }

  /** Watches the server's latency and use on a connection of its own. */
  #probe(endpoint: WorkerEndpoint): () => void {
    let stopped = false;
    let link: NodeLink | null = null;
    const run = async (): Promise<void> => {
      link = await NodeLink.open(endpoint, 'lookaside-index-probe');
      let before: { at: number; commands: number } | null = null;
      for (let i = 0; !stopped; i += 1) {
        // twice at once, so that it is soon known whether others use the server
        if (i % statsEvery === 0 || i === 1) {
          const seen = await this.#othersCommands(link);
          if (seen === null || before !== null) this.pace.others(seen === null || before === null ? null : rate(before, seen));
          before = seen;
        }
        const begun = performance.now();
        await link.call('PING');
        this.pace.probe(performance.now() - begun);
        this.#host.changed(false);
        await new Promise((resolve) => {
          setTimeout(resolve, probeEveryMs);
        });
      }
    };
    run()
      // without a probe the scan leaves the others their half
      .catch(() => {
        if (!stopped) this.pace.others(null);
      })
      .finally(() => {
        if (link === null) return;
        this.#host.work(link.takeWork());
        link.close();
      });
    return () => {
      stopped = true;
      link?.close();
    };
  }

  /** Commands that the server has run for others; `null` when it may not be asked. */
  async #othersCommands(probe: NodeLink): Promise<{ at: number; commands: number } | null> {
    const stats = await probe.call('INFO', 'stats').catch((error: unknown) => {
      if (error instanceof LookasideError && error.code === 'REDIS_NO_PERMISSION') return '';
      throw error;
    });
    const all = /^total_commands_processed:(\d+)/m.exec(stats)?.[1];
    for (const link of [probe, this.#link]) {
      const work = link?.takeWork() ?? [];
      for (const each of work) this.#ownCommands += each.calls;
      this.#host.work(work);
    }
    return all === undefined ? null : { at: performance.now(), commands: Number(all) - this.#ownCommands };
  }
}

function rate(before: { at: number; commands: number }, after: { at: number; commands: number }): number {
  return (Math.max(0, after.commands - before.commands) / Math.max(1, after.at - before.at)) * 1000;
}
