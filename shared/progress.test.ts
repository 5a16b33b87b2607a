import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addSample, etaMs, rateOf, rateWindowMs, type ProgressSample } from './progress.ts';

const samplesOf = (...pairs: [number, number][]) =>
  pairs.reduce<ProgressSample[]>((samples, [at, done]) => addSample(samples, { at, done }), []);

describe('rate', () => {
  test.each([
    { name: 'nothing known', samples: [], now: 10, rate: 0 },
    { name: 'one moment', samples: [[0, 5]], now: 0, rate: 0 },
    { name: 'steady', samples: [[0, 0], [1000, 100], [2000, 200]], now: 2000, rate: 100 },
    { name: 'stalled for two seconds more', samples: [[0, 0], [1000, 100]], now: 4000, rate: 25 },
    { name: 'old speed is forgotten', samples: [[0, 0], [1000, 100_000], [7000, 100_600]], now: 7000, rate: 100 },
    { name: 'a count that went back', samples: [[0, 50], [1000, 10]], now: 1000, rate: 0 },
    { name: 'a clock that stands still', samples: [[5, 0], [5, 10]], now: 5, rate: 0 },
  ] satisfies { name: string; samples: [number, number][]; now: number; rate: number }[])('$name', ({ samples, now, rate }) => {
    expect(rateOf(samplesOf(...samples), now)).toBeCloseTo(rate, 6);
  });
});

describe('time left', () => {
  test.each([
    { done: 0, total: null, rate: 10, eta: null },
    { done: 0, total: 100, rate: 0, eta: null },
    { done: 100, total: 100, rate: 0, eta: 0 },
    { done: 120, total: 100, rate: 5, eta: 0 },
    { done: 50, total: 100, rate: 10, eta: 5000 },
    { done: 0, total: 1, rate: 3, eta: 334 },
    { done: 0, total: 0, rate: 0, eta: 0 },
  ])('$done of $total at $rate/s', ({ done, total, rate, eta }) => {
    expect(etaMs(done, total, rate)).toBe(eta);
  });
});

test('the list of samples stays short and gives the rate of a steady flow', () => {
  const steps = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 2, maxLength: 400 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 1000 }), (gaps, perMs) => {
      let at = 0;
      let samples: ProgressSample[] = [{ at: 0, done: 0 }];
      for (const gap of gaps) {
        at += gap;
        samples = addSample(samples, { at, done: at * perMs });
        expect(samples.length).toBeLessThan(2 * (rateWindowMs / 100) + 4);
        const second = samples[1];
        expect(second === undefined || at - second.at < rateWindowMs).toBe(true);
      }
      expect(rateOf(samples, at)).toBeCloseTo(perMs * 1000, 3);
    }),
    { numRuns: 100 },
  );
});

test('rate is finite and never negative, time left never negative', () => {
  const sample = fc.record({ at: fc.nat(100_000), done: fc.nat(1_000_000) });
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 50 }), fc.nat(200_000), fc.option(fc.nat(2_000_000)), (raw, now, total) => {
      const ordered = raw.toSorted((a, b) => a.at - b.at);
      const samples = ordered.reduce<ProgressSample[]>((list, each) => addSample(list, each), []);
      const rate = rateOf(samples, now);
      expect(Number.isFinite(rate) && rate >= 0).toBe(true);
      const eta = etaMs(samples.at(-1)?.done ?? 0, total, rate);
      expect(eta === null || (Number.isInteger(eta) && eta >= 0)).toBe(true);
    }),
  );
});
