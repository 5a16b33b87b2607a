import fc from 'fast-check';
import { expect, test } from 'vitest';
import { estimateSum } from './estimate-sum.ts';

function partial(values: readonly number[], total: number, complete = false) {
  return { known: values.length, sum: values.reduce((a, b) => a + b, 0), squares: values.reduce((a, b) => a + b * b, 0), total, complete };
}

test('is exact, or at least, when everything is known', () => {
  expect(estimateSum(partial([5, 7], 2, true))).toEqual({ known: 2, seen: 12, value: 12, low: 12, high: 12, exactness: 'exact' });
  expect(estimateSum(partial([5, 7], 2))?.exactness).toBe('atLeast');
  expect(estimateSum(partial([], 0, true))).toMatchObject({ value: 0, exactness: 'exact' });
});

test('says nothing of what nothing is known of, and no upper bound from one', () => {
  expect(estimateSum(partial([], 3))).toBeNull();
  expect(estimateSum(partial([5], 3))).toEqual({ known: 1, seen: 5, value: 15, low: 5, high: null, exactness: 'estimated' });
});

test('bounds hold the estimate and never fall below what was seen', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 2, maxLength: 50 }), fc.nat(1000), (values, more) => {
      const estimate = estimateSum(partial(values, values.length + more));
      if (estimate === null) throw new Error('No estimate');
      expect(estimate.low).toBeGreaterThanOrEqual(estimate.seen);
      expect(estimate.value).toBeGreaterThanOrEqual(estimate.low - 1e-6 * estimate.value);
      expect(estimate.high ?? 0).toBeGreaterThanOrEqual(estimate.value * (1 - 1e-9));
    }),
  );
});

test('the interval holds the truth about 19 times in 20', () => {
  let state = 42;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  let held = 0;
  for (let round = 0; round < 1000; round += 1) {
    const all = Array.from({ length: 2000 }, () => 50 + Math.floor(random() * 1000));
    const truth = all.reduce((a, b) => a + b, 0);
    const estimate = estimateSum(partial(all.slice(0, 200), all.length));
    if (estimate !== null && estimate.low <= truth && truth <= (estimate.high ?? 0)) held += 1;
  }
  expect(held).toBeGreaterThan(920);
  expect(held).toBeLessThan(980);
});
