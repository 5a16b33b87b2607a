import type { BlastRate } from '../contract/blast-radius.ts';
import { deviations, shareInterval } from './rate-interval.ts';

/** Counter of a new key (LFU_INIT_VAL, server.h), and the largest that there is. */
const initialCounter = 5;
const largestCounter = 255;

/**
 * Accesses for which one step up from `counter` stands on average: an access raises it with the chance 1 / (base * factor + 1),
 * base = counter - 5, not below 0 (LFULogIncr in evict.c).
 */
export function accessesPerStep(counter: number, logFactor: number): number {
  return Math.max(0, counter - initialCounter) * logFactor + 1;
}

/** Two readings of OBJECT FREQ of one key. */
export interface CounterPair {
  before: number;
  after: number;
}

export interface SampledCounters {
  pairs: readonly CounterPair[];
  /** `lfu-log-factor`. */
  logFactor: number;
  seconds: number;
  /** Keys that the sample stands for, of which it is drawn at random. */
  total: number;
}

/**
 * Accesses a second of `total` keys, from the steps of the sampled counters. The steps, each times what it stands for, have the
 * expectation of the accesses exactly (no decay falls between the readings: it comes with a new minute). The variance is that
 * between keys with finite population correction, and that of the steps: one that stands for A accesses adds A * (A - 1).
 * Where no counter moved, the upper bound is the rate at which that has a chance of 5 %. A counter of 255 does not move any
 * more: then it is `atLeast`. Pairs that fell are another key of the same name; they are left out.
 */
export function rateOfCounters({ pairs, logFactor, seconds, total }: SampledCounters): BlastRate {
  let [asked, sum, squares, stepVariance, sensitivity] = [0, 0, 0, 0, 0];
  let saturated = false;
  for (const { before, after } of pairs) {
    if (after < before) continue;
    asked += 1;
    saturated ||= after >= largestCounter;
    let accesses = 0;
    for (let counter = before; counter < after; counter += 1) {
      const weight = accessesPerStep(counter, logFactor);
      accesses += weight;
      stepVariance += weight * (weight - 1);
    }
    sum += accesses;
    squares += accesses ** 2;
    sensitivity += 1 / accessesPerStep(after, logFactor);
  }
  if (asked === 0) return { perSecond: 0, low: 0, high: null, exactness: 'atLeast' };
  const scale = total / asked;
  const between = asked < 2 ? 0 : Math.max(0, (squares - sum ** 2 / asked) / (asked - 1));
  const variance = scale ** 2 * stepVariance + total ** 2 * (between / asked) * Math.max(0, 1 - asked / total);
  const [value, error] = [sum * scale, deviations * Math.sqrt(variance)];
  const unseen = (3 / sensitivity) * total;
  const high = Math.max(value + error, unseen);
  return {
    perSecond: value / seconds,
    low: Math.max(0, value - error) / seconds,
    high: saturated ? null : high / seconds,
    exactness: saturated ? 'atLeast' : 'estimated',
  };
}

/** Spans of OBJECT IDLETIME that are looked at, seconds. */
const spans = [1, 2, 5, 10, 30, 60, 300] as const;

/**
 * The clock behind OBJECT IDLETIME has whole seconds and is moved on by a timer: what tells T was touched less than T + 1.1
 * seconds ago.
 */
const clockSlack = 1.1;

/**
 * Accesses a second of `total` keys at least, from OBJECT IDLETIME of some of them: a key that was touched within a span was
 * accessed once in it at least. The span that says most is taken, so its lower bound is held back a little more.
 */
export function rateOfIdleTimes(idleSeconds: readonly number[], total: number): { rate: BlastRate; touched: number; seconds: number } {
  const found = spans.map((seconds) => {
    const touched = idleSeconds.filter((idle) => idle <= seconds).length;
    const whole = idleSeconds.length >= total;
    const asked = Math.max(1, idleSeconds.length);
    const time = seconds + clockSlack;
    const low = whole ? touched : shareInterval(touched, asked).low * total * 0.95;
    return { touched, seconds, low: low / time, perSecond: (touched / asked) * Math.max(total, 0) / time };
  });
  const best = found.reduce((a, b) => (b.low > a.low ? b : a));
  return { rate: { perSecond: best.perSecond, low: best.low, high: null, exactness: 'atLeast' }, touched: best.touched, seconds: best.seconds };
}
