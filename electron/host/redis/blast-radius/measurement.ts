import type { BlastMethod, BlastSnapshot } from '../../../../shared/contract/blast-radius.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { medianOf } from '../../connections/redis/vitals.ts';
import { addStats, type CommandStats } from '../../connections/redis/impact-meter.ts';
import type { Outcome } from '../values/replies.ts';
import type { Command, RedisSession } from '../session.ts';
import { pingMs, ratesBetween, readCommandStats, readServer, sumRates, timeOfCalls, type ServerRates, type ServerReading } from './server-readings.ts';
import type { ReadTarget, Verdict } from './read-target.ts';

export function emptySnapshot(method: BlastMethod, windowMs: number): BlastSnapshot {
  return {
    method,
    state: 'preparing',
    startedAt: Date.now(),
    windowMs,
    elapsedMs: 0,
    stopped: null,
    misses: null,
    unit: method === 'monitor' ? 'reads' : 'accesses',
    seen: null,
    sample: null,
    hottest: [],
    byCommand: [],
    nodes: [],
    server: null,
    cost: {
      commands: 0,
      bytesIn: 0,
      serverMs: null,
      cpuBefore: null,
      cpuDuring: null,
      commandsPerSecondBefore: null,
      commandsPerSecondDuring: null,
      latencyBeforeMs: null,
      latencyDuringMs: null,
    },
    postgres: { state: 'none' },
  };
}

export interface MeasurementOptions {
  session: RedisSession;
  target: ReadTarget;
  windowMs: number;
  signal: AbortSignal;
  /** Changes a part of the snapshot and tells of it. */
  change: (part: Partial<BlastSnapshot>) => void;
}

/** One measurement under way: asks the servers and keeps the account of what that costs them. */
export class Measurement {
  readonly session: RedisSession;
  readonly target: ReadTarget;
  readonly windowMs: number;
  readonly signal: AbortSignal;
  readonly change: MeasurementOptions['change'];
  nodes: readonly string[] = [];
  /** Pings of the time before and of the window, ms. */
  readonly quietPings: number[] = [];
  readonly pings: number[] = [];
  bytesIn = 0;
  #before: ServerRates | null = null;
  #during: ServerRates | null = null;
  #opened: (ServerReading | null)[] = [];
  #stats: CommandStats = new Map();
  readonly #calls = new Map<string, number>();

  constructor(options: MeasurementOptions) {
    this.session = options.session;
    this.target = options.target;
    this.windowMs = options.windowMs;
    this.signal = options.signal;
    this.change = options.change;
  }

  /** Rates of all servers before the window; `null` when they may not be read. */
  get before(): ServerRates | null {
    return this.#before;
  }

  /** Asks who the masters are and how they do while nothing is measured, for `ms`. */
  async prepare(ms: number, rest: (ms: number) => Promise<void>): Promise<void> {
    const only = this.target.node;
    this.nodes = (await this.session.masters()).map(({ id }) => id).filter((id) => only === null || id === only);
    if (this.nodes.length === 0) throw new LookasideError('NOT_FOUND', `${only ?? 'No master'} is no master just now`, { hint: 'The topology may have changed.' });
    this.#stats = await this.#commandStats();
    const opened = await this.readings();
    for (let turn = 0; turn < 4; turn += 1) {
      this.quietPings.push(...(await this.ping()));
      await rest(ms / 4);
    }
    this.#before = this.#rates(opened, await this.readings());
    this.tellCost();
  }

  readings(): Promise<(ServerReading | null)[]> {
    this.count('info', this.nodes.length * 2);
    return Promise.all(this.nodes.map((node) => readServer(this.session, node, this.signal)));
  }

  /** The slowest of one round of pings, one entry; none when all are refused. */
  async ping(): Promise<number[]> {
    this.count('ping', this.nodes.length);
    const times = await Promise.all(this.nodes.map((node) => pingMs(this.session, node, this.signal)));
    const known = times.filter((ms) => ms !== null);
    return known.length === 0 ? [] : [Math.max(...known)];
  }

  /** The window begins: what all clients do from now on counts. */
  async openWindow(): Promise<void> {
    this.#opened = await this.readings();
  }

  /** The window is over: tells of the server as a whole. */
  async closeWindow(): Promise<void> {
    const during = this.#rates(this.#opened, await this.readings());
    this.#during = during;
    if (during !== null) {
      const reads = during.hitsPerSecond + during.missesPerSecond;
      this.change({ server: { readsPerSecond: reads, hitRate: reads === 0 ? null : during.hitsPerSecond / reads, hitRateAfter: null } });
    }
    this.tellCost();
  }

  /** The hit rate if so many reads a second that hit would miss. */
  hitRateWithout(missesPerSecond: number): void {
    const during = this.#during;
    const reads = during === null ? 0 : during.hitsPerSecond + during.missesPerSecond;
    if (during === null || reads === 0) return;
    const left = Math.max(0, during.hitsPerSecond - missesPerSecond);
    this.change({ server: { readsPerSecond: reads, hitRate: during.hitsPerSecond / reads, hitRateAfter: left / reads } });
  }

  /** Commands a second between two rounds of readings. */
  speedBetween(before: readonly (ServerReading | null)[], after: readonly (ServerReading | null)[]): number | null {
    return this.#rates(before, after)?.commandsPerSecond ?? null;
  }

  async batch(db: number, commands: readonly Command[]): Promise<Outcome[]> {
    for (const [name, sub] of commands) this.count(name === 'OBJECT' ? `object|${String(sub).toLowerCase()}` : name.toLowerCase(), 1);
    return this.session.batch(db, commands, { signal: this.signal });
  }

  async judge(db: number, names: readonly Buffer[]): Promise<Verdict[]> {
    for (const name of ['pttl', 'type']) this.count(name, names.length);
    return this.target.judge(this.session, db, names, this.signal);
  }

  /** Prices what was asked. */
  async close(): Promise<void> {
    const after = await this.#commandStats();
    this.tellCost(after.size === 0 ? null : timeOfCalls(this.#calls, this.#stats, after));
  }

  tellCost(serverMs: number | null = null): void {
    this.change({
      cost: {
        commands: [...this.#calls.values()].reduce((sum, calls) => sum + calls, 0),
        bytesIn: this.bytesIn,
        serverMs,
        cpuBefore: this.#before?.cpu ?? null,
        cpuDuring: this.#during?.cpu ?? null,
        commandsPerSecondBefore: this.#before?.commandsPerSecond ?? null,
        commandsPerSecondDuring: this.#during?.commandsPerSecond ?? null,
        latencyBeforeMs: medianOf(this.quietPings),
        latencyDuringMs: medianOf(this.pings),
      },
    });
  }

  count(command: string, calls: number): void {
    if (calls > 0) this.#calls.set(command, (this.#calls.get(command) ?? 0) + calls);
  }

  #rates(before: readonly (ServerReading | null)[], after: readonly (ServerReading | null)[]): ServerRates | null {
    return sumRates(after.map((reading, at) => ratesBetween(before[at] ?? null, reading)));
  }

  async #commandStats(): Promise<CommandStats> {
    this.count('info', this.nodes.length);
    return addStats(await Promise.all(this.nodes.map((node) => readCommandStats(this.session, node, this.signal))));
  }
}

/** What is left when a part of the work fails: cancelled work stays cancelled, faults of this program stay faults. */
export function problemOf(error: unknown): LookasideError {
  if (error instanceof LookasideError && error.code !== 'CANCELLED') return error;
  throw error;
}
