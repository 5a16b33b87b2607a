import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accessesPerStep, rateOfCounters, rateOfIdleTimes } from './access-rate.ts';
import { countInterval, partOfRate, rateOfCount, shareInterval, sumOfRates, timesRate } from './rate-interval.ts';

/** A stream of numbers from 0 to 1 that is the same each time. */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
}

describe('the interval of a count', () => {
  // exact limits of Garwood, from the chi-squared distribution
  it.each([
    [0, 0, 3.689],
    [1, 0.0253, 5.572],
    [5, 1.623, 11.668],
    [10, 4.795, 18.39],
    [100, 81.36, 121.63],
    [1000, 938.97, 1063.95],
  ])('of %i events is %f to %f', (count, low, high) => {
    const found = countInterval(count);
    expect(found.low).toBeGreaterThanOrEqual(count === 1 ? 0 : low * 0.98 - 0.01);
    expect(found.low).toBeLessThanOrEqual(low * 1.02 + 0.02);
    expect(Math.abs(found.high - high)).toBeLessThan(high * 0.02 + 0.02);
  });

  it('holds the count, and a rate is it by time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e7 }), fc.double({ min: 0.01, max: 100, noNaN: true }), (count, seconds) => {
        const { perSecond, low, high } = rateOfCount(count, seconds);
        expect(low).toBeLessThanOrEqual(perSecond);
        expect(high).toBeGreaterThan(perSecond);
        expect(perSecond).toBeCloseTo(count / seconds);
      }),
    );
  });

  it('of a share is within 0 and 1 and holds it; parts, sums and weights keep their order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 100_000 }), (a, b, count) => {
        const [hits, asked] = [Math.min(a, b), Math.max(a, b)];
        const { low, high } = shareInterval(hits, asked);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        if (asked > 0) expect(hits / asked).toBeGreaterThanOrEqual(low - 1e-9);
        if (asked > 0) expect(hits / asked).toBeLessThanOrEqual(high + 1e-9);
        const whole = rateOfCount(count, 2);
        const part = partOfRate(whole, hits, asked);
        for (const each of [part, timesRate(part, 3), sumOfRates([part, whole])]) {
          expect(each.low).toBeLessThanOrEqual(each.perSecond + 1e-9);
          expect(each.high ?? Infinity).toBeGreaterThanOrEqual(each.perSecond - 1e-9);
        }
      }),
    );
    expect(shareInterval(0, 0)).toEqual({ low: 0, high: 1 });
    expect(sumOfRates([rateOfCount(1, 1), { perSecond: 1, low: 1, high: null, exactness: 'atLeast' }])).toMatchObject({ high: null, exactness: 'atLeast' });
  });
});

describe('the rate of frequency counters', () => {
  it.each([
    [0, 10, 1],
    [5, 10, 1],
    [6, 10, 11],
    [15, 10, 101],
    [255, 1, 251],
    [200, 0, 1],
  ])('a step from %i at factor %i stands for %i accesses', (counter, factor, accesses) => {
    expect(accessesPerStep(counter, factor)).toBe(accesses);
  });

  /** The server's own rule, counters from `from`, so many accesses each. */
  function simulated(from: number, accesses: number, logFactor: number, random: () => number): number {
    let counter = from;
    for (let at = 0; at < accesses; at += 1) {
      if (counter < 255 && random() < 1 / (Math.max(0, counter - 5) * logFactor + 1)) counter += 1;
    }
    return counter;
  }

  it('gives back what the rule of the server was given, within its interval nearly always', () => {
    const random = numbers(7);
    let within = 0;
    let ratio = 0;
    const trials = 200;
    for (let trial = 0; trial < trials; trial += 1) {
      let accesses = 0;
      const pairs = Array.from({ length: 300 }, () => {
        const [before, here] = [5 + Math.floor(random() * 12), Math.floor(random() * 20)];
        accesses += here;
        return { before, after: simulated(before, here, 10, random) };
      });
      const { perSecond, low, high } = rateOfCounters({ pairs, logFactor: 10, seconds: 2, total: 300 });
      ratio += perSecond / (accesses / 2) / trials;
      if (low <= accesses / 2 && (high ?? Infinity) >= accesses / 2) within += 1;
    }
    expect(ratio).toBeGreaterThan(0.95);
    expect(ratio).toBeLessThan(1.05);
    expect(within / trials).toBeGreaterThan(0.88);
  });

  it('scales a sample, says what no movement means, and that a full counter tells nothing', () => {
    const still = rateOfCounters({ pairs: [{ before: 5, after: 5 }], logFactor: 10, seconds: 1, total: 100 });
    expect(still).toMatchObject({ perSecond: 0, low: 0, high: 300, exactness: 'estimated' });
    expect(rateOfCounters({ pairs: [{ before: 255, after: 255 }], logFactor: 10, seconds: 1, total: 1 })).toMatchObject({ high: null, exactness: 'atLeast' });
    expect(rateOfCounters({ pairs: [], logFactor: 10, seconds: 1, total: 5 })).toMatchObject({ perSecond: 0, high: null, exactness: 'atLeast' });
    expect(rateOfCounters({ pairs: [{ before: 9, after: 5 }], logFactor: 10, seconds: 1, total: 5 })).toMatchObject({ exactness: 'atLeast' });
    const half = rateOfCounters({ pairs: Array.from({ length: 50 }, () => ({ before: 0, after: 1 })), logFactor: 0, seconds: 2, total: 100 });
    expect(half.perSecond).toBe(50);
  });
});

describe('the rate of idle times', () => {
  it('is at least one access for each key that was touched, in the span that says most', () => {
    const all = [...Array.from({ length: 10 }, () => 0), ...Array.from({ length: 90 }, () => 1000)];
    const { rate, touched, seconds } = rateOfIdleTimes(all, 100);
    expect({ touched, seconds }).toEqual({ touched: 10, seconds: 1 });
    expect(rate).toMatchObject({ high: null, exactness: 'atLeast' });
    expect(rate.low).toBeCloseTo(10 / 2.1);
    expect(rateOfIdleTimes([], 0).rate).toMatchObject({ perSecond: 0, low: 0 });
    expect(rateOfIdleTimes([500, 600], 2).rate.low).toBe(0);
  });

  it('never says more than the accesses that there were', () => {
    const random = numbers(11);
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 5, noNaN: true }), fc.integer({ min: 50, max: 400 }), (perKey, keys) => {
        // of independent accesses the time since the last is exponential
        const idle = Array.from({ length: keys }, () => Math.floor(-Math.log(1 - random()) / perKey));
        expect(rateOfIdleTimes(idle, keys).rate.low).toBeLessThan(perKey * keys * 1.3 + 3);
      }),
    );
  });
});
