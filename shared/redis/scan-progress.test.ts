import { describe, expect, it } from 'vitest';
import { countExactness, scanCoverage } from './scan-progress.ts';

describe('countExactness', () => {
  it('is exact only after a whole pass', () => {
    expect(countExactness({ complete: true, holdsEarlierPass: false })).toBe('exact');
    expect(countExactness({ complete: false, holdsEarlierPass: false })).toBe('atLeast');
    expect(countExactness({ complete: false, holdsEarlierPass: true })).toBe('estimated');
  });
});

describe('scanCoverage', () => {
  it('is 1 when complete and never before', () => {
    expect(scanCoverage(50, 100, false)).toBe(0.5);
    expect(scanCoverage(150, 100, false)).toBeLessThan(1);
    expect(scanCoverage(99, 100, true)).toBe(1);
    expect(scanCoverage(0, 0, true)).toBe(1);
    expect(scanCoverage(10, null, false)).toBe(0);
    expect(scanCoverage(10, 0, false)).toBe(0);
  });
});
