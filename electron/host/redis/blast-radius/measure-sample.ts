import type { BlastRate } from '../../../../shared/contract/blast-radius.ts';
import { LookasideError } from '../../../../shared/contract/errors.ts';
import { rateOfCounters, rateOfIdleTimes, type CounterPair } from '../../../../shared/redis/access-rate.ts';
import { shareInterval } from '../../../../shared/redis/rate-interval.ts';
import { replyMap, replyText } from '../../connections/redis/replies.ts';
import { serverClock } from '../bulk/read-keys.ts';
import { rest } from '../bulk/server-wait.ts';
import { listOf, numberOrNull, replyOf, replyOrNull, textOf } from '../values/replies.ts';
import type { Command, RedisSession } from '../session.ts';
import type { Measurement } from './measurement.ts';
import type { NameIn } from './read-target.ts';

/** Keys that are looked at. */
const sampleSize = 2000;
const scanCount = 1000;
/** The walk that finds them ends after this time, ms; half of it is rest. */
const walkMs = 4000;
const namesPerBatch = 250;

interface Sample {
  names: NameIn[];
  walked: number | null;
  /** Keys of the question in all, about. */
  selected: BlastRate;
}

/** `lfu-log-factor`; rejects with UNSUPPORTED where it may not be read. */
export async function readLogFactor(session: RedisSession): Promise<number> {
  const [reply] = await session.batch(0, [['CONFIG', 'GET', 'lfu-log-factor']]);
  const value = reply === undefined || reply instanceof LookasideError ? '' : replyText(replyMap(reply).get('lfu-log-factor'));
  if (value === '') throw new LookasideError('UNSUPPORTED', 'This user may not read lfu-log-factor, without which frequencies mean nothing', { hint: 'Allow CONFIG GET, or measure with MONITOR.' });
  return Number(value);
}

function drawn<T>(all: readonly T[], count: number): T[] {
  const pool = [...all];
  const most = Math.min(count, pool.length);
  for (let at = 0; at < most; at += 1) {
    const other = at + Math.floor(Math.random() * (pool.length - at));
    [pool[at], pool[other]] = [pool[other] as T, pool[at] as T];
  }
  return pool.slice(0, most);
}

/**
 * A random sample of the question's keys. SCAN goes by the hash of names, so its first pages are a sample of all keys by
 * themselves; it ends when there are enough, after `walkMs`, or at the end.
 */
async function walk(work: Measurement): Promise<Sample> {
  const { session, target, signal } = work;
  const names: Sample['names'] = [];
  let [walked, total, matched, parts] = [0, 0, 0, 0];
  let complete = true;
  const match = target.pattern === null ? [] : ['MATCH', target.pattern];
  for (const db of target.dbs) {
    for (const node of work.nodes) {
      const [sized] = await session.batch(db, [['DBSIZE']], { node, signal });
      const size = numberOrNull(replyOrNull(sized)) ?? 0;
      total += size;
      parts += 1;
      const wanted = Math.ceil((sampleSize * parts) / (target.dbs.size * work.nodes.length));
      const until = performance.now() + walkMs / (target.dbs.size * work.nodes.length);
      let cursor = '0';
      let here = 0;
      do {
        const begun = performance.now();
        const command: Command = ['SCAN', cursor, ...match, 'COUNT', scanCount];
        work.count('scan', 1);
        const page = listOf(replyOf((await session.batch(db, [command], { node, signal }))[0]));
        cursor = textOf(page[0]);
        here += scanCount;
        for (const name of listOf(page[1])) {
          if (!Buffer.isBuffer(name) || !target.matches(name, db)) continue;
          matched += 1;
          names.push({ db, name });
        }
        await rest(performance.now() - begun, signal);
        if (cursor !== '0' && (names.length >= wanted || performance.now() > until)) {
          complete = false;
          break;
        }
      } while (cursor !== '0');
      walked += Math.min(here, size);
    }
  }
  const share = shareInterval(Math.min(matched, walked), walked);
  const selected: BlastRate = complete
    ? { perSecond: matched, low: matched, high: matched, exactness: 'exact' }
    : { perSecond: walked === 0 ? 0 : (matched / walked) * total, low: share.low * total, high: share.high * total, exactness: 'estimated' };
  return { names: drawn(names, sampleSize), walked, selected };
}

async function findSample(work: Measurement): Promise<Sample> {
  const given = work.target.names;
  const found: Sample =
    given === null
      ? await walk(work)
      : { names: drawn(given, sampleSize), walked: null, selected: { perSecond: given.length, low: given.length, high: given.length, exactness: 'exact' } };
  const kept: Sample['names'] = [];
  let unknown = 0;
  for (const each of work.target.dbs) {
    const here = found.names.filter((name) => name.db === each);
    const verdicts = await work.judge(
      each,
      here.map(({ name }) => name),
    );
    verdicts.forEach((verdict, at) => {
      if (verdict === 'in') kept.push(here[at] as Sample['names'][number]);
      if (verdict === 'unknown') unknown += 1;
    });
  }
  const asked = found.names.length - unknown;
  if (kept.length === asked) return { ...found, names: kept };
  const share = shareInterval(kept.length, asked);
  const whole = found.selected.exactness === 'exact' && found.names.length === found.selected.perSecond && unknown === 0;
  const point = asked === 0 ? 0 : (found.selected.perSecond * kept.length) / asked;
  return {
    ...found,
    names: kept,
    selected: whole
      ? { perSecond: kept.length, low: kept.length, high: kept.length, exactness: 'exact' }
      : { perSecond: point, low: found.selected.low * share.low, high: (found.selected.high ?? 0) * share.high, exactness: 'estimated' },
  };
}

/** OBJECT FREQ or IDLETIME of each; `null` where a key is gone or may not be asked. */
async function ask(work: Measurement, names: Sample['names'], what: 'FREQ' | 'IDLETIME'): Promise<(number | null)[]> {
  const found: (number | null)[] = [];
  for (const db of work.target.dbs) {
    const here = names.filter((name) => name.db === db);
    for (let at = 0; at < here.length; at += namesPerBatch) {
      const outcomes = await work.batch(
        db,
        here.slice(at, at + namesPerBatch).map(({ name }): Command => ['OBJECT', what, name]),
      );
      for (const outcome of outcomes) {
        if (outcome instanceof LookasideError && outcome.code === 'CONNECTION_LOST') throw outcome;
        found.push(numberOrNull(replyOrNull(outcome)));
      }
    }
  }
  return found;
}

/** Bounds of a rate widened by what is not known of the number of keys. */
function widened(rate: BlastRate, selected: BlastRate): BlastRate {
  if (selected.exactness === 'exact' || selected.perSecond === 0 || selected.high === null) return rate;
  return {
    ...rate,
    low: rate.low * (selected.low / selected.perSecond),
    high: rate.high === null ? null : rate.high * (selected.high / selected.perSecond),
  };
}

/** A quiet window with nothing of ours in it but its two readings: what the server as a whole does. */
async function quietWindow(work: Measurement): Promise<void> {
  await work.openWindow();
  work.change({ state: 'measuring' });
  const begun = performance.now();
  const step = Math.max(50, Math.min(200, work.windowMs / 5));
  for (let left = work.windowMs; left > 0; left = work.windowMs - (performance.now() - begun)) {
    await rest(Math.min(left, step), work.signal);
    work.change({ elapsedMs: performance.now() - begun });
    work.pings.push(...(await work.ping()));
  }
  await work.closeWindow();
}

/** Frequencies lose a step with each minute of the server's clock: a window that would meet one waits until after it. */
async function awayFromMinute(work: Measurement): Promise<void> {
  for (const node of work.nodes) {
    const inMinute = (await serverClock(work.session, node, work.signal)) % 60_000;
    const left = 60_000 - inMinute;
    if (left < work.windowMs + 3000) await rest(left + 200, work.signal);
  }
}

function nodesOf(work: Measurement): void {
  work.change({ nodes: work.nodes.map((node) => ({ node, elapsedMs: work.windowMs, perSecond: null, problem: null })) });
}

/** OBJECT FREQ of a sample twice; the counters' steps in between. Needs an LFU policy. */
export async function measureByFrequency(work: Measurement): Promise<void> {
  const logFactor = await readLogFactor(work.session);
  await work.prepare(200, (ms) => rest(ms, work.signal));
  nodesOf(work);
  const sample = await findSample(work);
  await awayFromMinute(work);
  const begun = performance.now();
  const before = await ask(work, sample.names, 'FREQ');
  await quietWindow(work);
  work.change({ state: 'checking' });
  const after = await ask(work, sample.names, 'FREQ');
  const seconds = (performance.now() - begun) / 1000;
  const pairs = before.flatMap((counter, at): CounterPair[] => {
    const later = after[at] ?? null;
    return counter === null || later === null ? [] : [{ before: counter, after: later }];
  });
  const usable = pairs.filter((pair) => pair.after >= pair.before);
  const misses = nothingThere(sample) ?? widened(rateOfCounters({ pairs: usable, logFactor, seconds, total: Math.max(usable.length, sample.selected.perSecond) }), sample.selected);
  work.change({
    misses,
    sample: { walked: sample.walked, selected: sample.selected, asked: sample.names.length, unknown: sample.names.length - usable.length, touched: null, touchedSeconds: null },
  });
  await work.close();
}

/** OBJECT IDLETIME of a sample: keys touched a moment ago. */
export async function measureByIdleTime(work: Measurement): Promise<void> {
  await work.prepare(200, (ms) => rest(ms, work.signal));
  nodesOf(work);
  await quietWindow(work);
  work.change({ state: 'checking' });
  const sample = await findSample(work);
  const idle = (await ask(work, sample.names, 'IDLETIME')).filter((seconds) => seconds !== null);
  const { rate, touched, seconds } = rateOfIdleTimes(idle, Math.max(idle.length, Math.round(sample.selected.perSecond)));
  work.change({
    misses: nothingThere(sample) ?? widened(rate, sample.selected),
    sample: { walked: sample.walked, selected: sample.selected, asked: sample.names.length, unknown: sample.names.length - idle.length, touched, touchedSeconds: seconds },
  });
  await work.close();
}

/** No key is selected at all, and that is known: nothing would miss. */
function nothingThere({ selected }: Sample): BlastRate | null {
  return selected.exactness === 'exact' && selected.perSecond === 0 ? { perSecond: 0, low: 0, high: 0, exactness: 'exact' } : null;
}
