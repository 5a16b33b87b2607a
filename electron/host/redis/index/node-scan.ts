import { LookasideError, type Problem } from '../../../../shared/contract/errors.ts';
import { isPermanent } from '../../connections/redis/redis-errors.ts';
import type { WorkerEndpoint } from '../session.ts';
import { NodeLink, type LinkWork, type PageSink } from './node-link.ts';
import { ScanPace } from './scan-pace.ts';

/** Elements that a SCAN call looks at: at the knee of throughput, about 1 ms of server time. */
const pageSize = 1000;
const probeEveryMs = 50;
/** Every how many probes the server's command counter is read. */
const statsEvery = 6;
const firstRetryMs = 200;
const longestRetryMs = 5000;

export interface NodeScanHost {
  endpoint(nodeId: string): Promise<WorkerEndpoint>;
  /** `count` names of the pass that carries `mark`: `bytes[from[i]...to[i]]`. */
  put(bytes: Uint8Array, from: Int32Array, to: Int32Array, count: number, mark: number): void;
  /** The server has told how many keys it has. */
  sized(): void;
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
  #calls = 0;
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
    return this.#type === null ? this.scanned : this.#calls * pageSize;
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
    this.#calls = 0;
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
      await this.#walk(link, () => {
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
    const [pong, info, size] = await Promise.allSettled([link.call('PING'), link.call('INFO', 'server'), link.call('DBSIZE')]);
    // loading, down and lost connections show here; a user without PING may still SCAN
    if (pong.status === 'rejected' && !(pong.reason instanceof LookasideError && pong.reason.code === 'REDIS_NO_PERMISSION')) throw pong.reason;
    this.pace.begin((performance.now() - begun) / 2);
    const runId = info.status === 'fulfilled' ? (/^run_id:(\S+)/m.exec(info.value)?.[1] ?? null) : null;
    if (this.#begun && (runId === null || runId !== this.#runId)) this.#newPass();
    this.#runId = runId;
    if (!this.#begun || this.total === null) this.total = size.status === 'fulfilled' ? Number(size.value) : null;
    this.#host.sized();
  }

  /** Pages until the cursor is back at 0, `stop`, or a new pass. */
  #walk(link: NodeLink, onProgress: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const pass = this.#pass;
      const type = this.#type === null ? [] : ['TYPE', this.#type];
      let sentAt = 0;
      let following = '0';
      /** The next page is asked for, or will be after a nap. */
      let ahead = false;
      const mayGoOn = (): boolean => this.#wanted && pass === this.#pass;
      const sink: PageSink = {
        cursor: (next) => {
          following = next;
          ahead = false;
          const nap = this.pace.page(performance.now() - sentAt);
          if (next === '0' || !mayGoOn()) return;
          // the server works on the next page while this one is read
          if (nap === 0) send(next);
          else wait(nap);
        },
        names: (bytes, from, to, count) => {
          if (pass === this.#pass) this.scanned += count;
          this.#host.put(bytes, from, to, count, this.mark);
        },
        pageEnd: () => {
          onProgress();
          if (pass === this.#pass) {
            this.#begun = true;
            this.#calls += 1;
            this.#cursor = following;
          }
          this.#host.changed(false);
          if (following === '0') resolve();
          else if (!ahead && mayGoOn()) send(following);
          else if (!ahead) resolve();
        },
        failed: reject,
        bytesEnd: () => this.#host.bytesEnd(),
      };
      const send = (cursor: string): void => {
        ahead = true;
        sentAt = performance.now();
        link.scan(['SCAN', cursor, 'COUNT', String(pageSize), ...type], sink);
      };
      const wait = (nap: number): void => {
        ahead = true;
        void this.#rest(nap).then(() => (mayGoOn() ? send(following) : resolve()));
      };
      send(this.#cursor);
    });
  }

  /** Watches the server's latency and use on a connection of its own. */
  #probe(endpoint: WorkerEndpoint): () => void {
    let stopped = false;
    let link: NodeLink | null = null;
    const run = async (): Promise<void> => {
      link = await NodeLink.open(endpoint, 'lookaside-index-probe');
      let before: { at: number; commands: number } | null = null;
      for (let i = 0; !stopped; i += 1) {
        if (i % statsEvery === 0) {
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
