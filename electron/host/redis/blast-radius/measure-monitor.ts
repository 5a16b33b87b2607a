import { setImmediate as turn } from 'node:timers/promises';
import type { BlastRate, BlastSnapshot } from '../../../../shared/contract/blast-radius.ts';
import { toWire } from '../../../../shared/bytes.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { countInterval, partOfRate } from '../../../../shared/redis/rate-interval.ts';
import { coreReadCommands, readCommandsOf, type ReadCommands } from '../../../../shared/redis/read-commands.ts';
import { medianOf } from '../../connections/redis/vitals.ts';
import { rest } from '../bulk/server-wait.ts';
import type { RedisSession } from '../session.ts';
import { problemOf, type Measurement } from './measurement.ts';
import { MonitorLink } from './monitor-link.ts';
import { ReadCounter, type CountedName } from './read-counter.ts';
import type { NameIn, Verdict } from './read-target.ts';

export interface MonitorLimits {
  /** Of the time before the window, in which the servers are looked at, ms. */
  quietMs: number;
  /** Between two looks at the servers, ms. */
  lookEveryMs: number;
  /** PING may take this much longer than before, ms; our own reading shares its thread. */
  latencyMs: number;
  /** Commands a second may fall to this share, where there were `steadyPerSecond` before. */
  leastShare: number;
  steadyPerSecond: number;
  /** How far behind the server our reading may be, ms. */
  lagMs: number;
  bytes: number;
  /** Looks that must agree. */
  looks: number;
}

export const usualLimits: MonitorLimits = {
  quietMs: 400,
  lookEveryMs: 200,
  latencyMs: 25,
  leastShare: 0.5,
  steadyPerSecond: 2000,
  lagMs: 500,
  bytes: 256 * 1024 * 1024,
  looks: 3,
};

const hottestShown = 10;

type Stop = NonNullable<BlastSnapshot['stopped']>;

/** One server while it is listened to. */
interface Listened {
  node: string;
  link: MonitorLink | null;
  from: number;
  /** When it ended, ms of `performance.now`; `null` while it goes on. */
  to: number | null;
  /** Behind the server by, ms: the present delay of lines less the least one. */
  lag: number;
  leastDelay: number;
  problem: LookasideError | null;
}

/** The table of the server; the reads of Redis itself where it may not be asked. */
async function readCommands(session: RedisSession, signal: AbortSignal): Promise<ReadCommands> {
  const [reply] = await session.batch(0, [['COMMAND']], { signal });
  if (!(reply instanceof LookasideError)) return readCommandsOf(reply);
  if (reply.code === 'REDIS_NO_PERMISSION' || reply.code === 'REDIS_COMMAND_FAILED') return coreReadCommands;
  throw reply;
}

/** Counts reads by MONITOR on every master, for the window at most. Nothing of it is left when it returns or throws. */
export async function measureByMonitor(work: Measurement, limits: MonitorLimits = usualLimits): Promise<void> {
  const { session, target, signal } = work;
  const resting = (ms: number): Promise<void> => rest(ms, signal);
  await work.prepare(Math.min(limits.quietMs, work.windowMs), resting);
  const counter = new ReadCounter({ commands: await readCommands(session, signal), dbs: target.dbs, matches: target.matches });
  const listened = work.nodes.map((node): Listened => ({ node, link: null, from: 0, to: null, lag: 0, leastDelay: Infinity, problem: null }));
  try {
    await Promise.all(listened.map((each) => open(work, each, counter)));
    const failed = listened.find(({ link }) => link === null)?.problem ?? null;
    if (failed !== null && listened.every(({ link }) => link === null)) throw failed;
    await work.openWindow();
    work.change({ state: 'measuring' });
    const stopped = await listen(work, listened, counter, limits);
    // what has arrived by now was said within the window
    await turn();
    const end = performance.now();
    for (const each of listened) each.to ??= each.link === null ? null : end;
    tell(work, listened, counter);
    work.change({ stopped });
  } finally {
    for (const each of listened) close(work, each);
  }
  counter.unread += listened.reduce((sum, { link }) => sum + (link?.skipped ?? 0), 0);
  // a server that died has still been heard until then
  const lost = await work.closeWindow().then(() => null, problemOf);
  work.change({ state: 'checking' });
  await conclude(work, listened, counter);
  const unpriced = lost ?? (await work.close().then(() => null, problemOf));
  if (unpriced !== null) work.change({ stopped: { reason: 'connection', message: unpriced.message } });
}

async function open(work: Measurement, each: Listened, counter: ReadCounter): Promise<void> {
  const { session, signal } = work;
  let lines = 0;
  try {
    each.link = await MonitorLink.open(
      await session.workerEndpoint(each.node, 0),
      {
        line: (bytes, from, to) => {
          if (each.to !== null) return;
          lines += 1;
          counter.take(each.node, bytes, from, to);
        },
        pieceEnd: () => {
          if (lines === 0) return;
          lines = 0;
          const delay = Date.now() - counter.lastAt * 1000;
          each.leastDelay = Math.min(each.leastDelay, delay);
          each.lag = delay - each.leastDelay;
        },
        ended: (problem) => {
          each.to ??= performance.now();
          each.problem = problem;
        },
      },
      signal,
    );
    each.from = performance.now();
  } catch (error) {
    each.problem = problemOf(error);
  }
}

function close(work: Measurement, each: Listened): void {
  each.link?.close();
  if (each.link === null) return;
  const bytes = each.link.bytesIn;
  each.link.bytesIn = 0;
  work.bytesIn += bytes;
  work.session.noteWork({ command: 'monitor', calls: 1, bytesIn: bytes, bytesOut: 0 });
}

/** Until the window is over, or a reason to end it before. */
async function listen(work: Measurement, listened: readonly Listened[], counter: ReadCounter, limits: MonitorLimits): Promise<Stop | null> {
  const begun = performance.now();
  const quiet = medianOf(work.quietPings) ?? 0;
  const before = work.before?.commandsPerSecond ?? null;
  let [slow, starved, late] = [0, 0, 0];
  let last = await work.readings();
  for (;;) {
    const left = work.windowMs - (performance.now() - begun);
    if (left <= 0) return null;
    await rest(Math.min(left, limits.lookEveryMs), work.signal);
    tell(work, listened, counter);
    const open = listened.filter(({ link, to }) => link !== null && to === null);
    if (open.length === 0) return { reason: 'connection', message: listened.find(({ problem }) => problem !== null)?.problem?.message ?? 'The connection is closed' };
    if (open.some(({ link }) => (link?.bytesIn ?? 0) > limits.bytes)) return { reason: 'bytes', message: `More than ${Math.round(limits.bytes / 1024 / 1024)} MiB were printed` };
    if (performance.now() - begun >= work.windowMs) return null;
    let ping: number[];
    let now: typeof last;
    try {
      [ping, now] = [await work.ping(), await work.readings()];
    } catch (error) {
      return { reason: 'connection', message: problemOf(error).message };
    }
    work.pings.push(...ping);
    slow = Math.max(0, ...ping) > quiet + limits.latencyMs ? slow + 1 : 0;
    if (slow >= limits.looks) return { reason: 'latency', message: `PING took ${Math.round(Math.max(...ping))} ms, before ${quiet.toFixed(1)} ms` };
    late = open.some(({ lag }) => lag > limits.lagMs) ? late + 1 : 0;
    if (late >= limits.looks) return { reason: 'lag', message: 'The servers print faster than this machine reads' };
    const speed = work.speedBetween(last, now);
    last = now;
    const suffers = before !== null && speed !== null && before >= limits.steadyPerSecond && speed < before * limits.leastShare;
    starved = suffers ? starved + 1 : 0;
    if (starved >= limits.looks) return { reason: 'throughput', message: `Commands a second fell from ${Math.round(before ?? 0)} to ${Math.round(speed ?? 0)}` };
  }
}

function secondsOf({ from, to, link, lag }: Listened): number {
  if (link === null) return 0;
  return Math.max(0, (to ?? performance.now()) - from - lag) / 1000;
}

function hottestOf(names: readonly CountedName[], seconds: number): BlastSnapshot['hottest'] {
  return names.map(({ name, reads }) => ({ name: toWire(name), perSecond: seconds === 0 ? 0 : reads / seconds }));
}

/** What is known by now, without looking at the keys. */
function tell(work: Measurement, listened: readonly Listened[], counter: ReadCounter): void {
  const nodes = listened.map((each) => {
    const seconds = secondsOf(each);
    return { node: each.node, elapsedMs: seconds * 1000, perSecond: seconds === 0 ? null : counter.matchedOf(each.node) / seconds, problem: each.problem?.toProblem() ?? null };
  });
  const seconds = Math.max(...listened.map(secondsOf));
  work.change({ elapsedMs: seconds * 1000 });
  const rated = (reads: number): number => (seconds === 0 ? 0 : reads / seconds);
  const names = counter.names();
  work.change({
    nodes,
    seen: { commands: counter.commands, reads: counter.reads, matched: counter.matched, apart: null, names: names.length, namesCut: counter.namesCut, unread: counter.unread },
    hottest: hottestOf(names.slice(0, hottestShown), seconds),
    byCommand: counter
      .byCommand()
      .slice(0, 20)
      .map(({ command, reads }) => ({ command, perSecond: rated(reads) })),
  });
}

/** Verdicts of names of several databases, in their order. */
async function judgeAll(work: Measurement, names: readonly NameIn[]): Promise<Verdict[]> {
  const verdicts: Verdict[] = names.map(() => 'unknown');
  for (const db of new Set(names.map((each) => each.db))) {
    const places = names.flatMap((each, at) => (each.db === db ? [at] : []));
    const found = await work.judge(
      db,
      places.map((at) => (names[at] as NameIn).name),
    );
    places.forEach((at, index) => {
      verdicts[at] = found[index] ?? 'unknown';
    });
  }
  return verdicts;
}

interface Judged extends Record<Verdict, number> {
  whole: boolean;
  /** Those that would be gone, most read first. */
  hottest: CountedName[];
}

function thatAreIn(names: readonly CountedName[], verdicts: readonly Verdict[]): CountedName[] {
  return names.filter((_, at) => verdicts[at] === 'in').slice(0, hottestShown);
}

/** Reads by what became of their names: each once, or of the sample when there are too many names. */
async function judged(work: Measurement, counter: ReadCounter): Promise<Judged> {
  const sums = { in: 0, out: 0, unknown: 0 };
  const names: readonly CountedName[] = counter.names();
  if (counter.namesCut) {
    for (const verdict of await judgeAll(work, counter.sample())) sums[verdict] += 1;
    const first = names.slice(0, hottestShown * 2);
    return { ...sums, whole: false, hottest: thatAreIn(first, await judgeAll(work, first)) };
  }
  const verdicts = await judgeAll(work, names);
  for (const [at, verdict] of verdicts.entries()) sums[verdict] += (names[at] as CountedName).reads;
  return { ...sums, whole: true, hottest: thatAreIn(names, verdicts) };
}

async function conclude(work: Measurement, listened: readonly Listened[], counter: ReadCounter): Promise<void> {
  const heard = listened.filter((each) => secondsOf(each) > 0);
  const total = heard.reduce((sum, { node }) => sum + counter.matchedOf(node), 0);
  const perSecond = heard.reduce((sum, each) => sum + counter.matchedOf(each.node) / secondsOf(each), 0);
  const seconds = total > 0 ? total / perSecond : heard.reduce((sum, each) => sum + secondsOf(each), 0) / Math.max(1, heard.length);
  const whole = heard.length === listened.length;
  if (heard.length === 0) throw listened[0]?.problem ?? new LookasideError('CONNECTION_LOST', 'No server was heard');
  const rate = (reads: number, high = reads): BlastRate => ({
    perSecond: reads / seconds,
    low: countInterval(reads).low / seconds,
    // what was not heard has no upper bound
    high: whole ? countInterval(high).high / seconds : null,
    exactness: whole && high === reads ? 'estimated' : 'atLeast',
  });
  let misses: BlastRate;
  let apart: number | null = null;
  try {
    const sums = await judged(work, counter);
    const asked = sums.in + sums.out;
    work.change({ hottest: hottestOf(sums.hottest, seconds) });
    if (sums.whole) [misses, apart] = [rate(sums.in, sums.in + sums.unknown), sums.out];
    else [misses, apart] = [partOfRate(rate(total), sums.in, asked), asked === 0 ? null : Math.round((total * sums.out) / asked)];
  } catch (error) {
    const problem = problemOf(error);
    misses = { ...rate(total), low: 0 };
    work.change({ stopped: { reason: 'connection', message: `Which of these keys exist could not be asked: ${problem.message}` } });
  }
  const names = counter.names().length;
  work.change({
    misses,
    seen: { commands: counter.commands, reads: counter.reads, matched: counter.matched, apart, names, namesCut: counter.namesCut, unread: counter.unread },
  });
  work.hitRateWithout(misses.perSecond);
}
