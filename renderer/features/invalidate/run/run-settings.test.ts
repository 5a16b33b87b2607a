import { describe, expect, it } from 'vitest';
import { isPace, noPace, paceWords, slower } from './pace.ts';
import { isStaged, stagedOf, usualStaged } from './staged.ts';

describe('pace', () => {
  it('reads as a sentence', () => {
    expect(paceWords(noPace)).toBe('as fast as the server allows');
    expect(paceWords({ keysPerSecond: 5000, serverShare: 0.2, pauseMs: null, latencyFloorMs: 2.5, hitRateFloor: 0.905 })).toBe('5,000 keys/s, 20 % of the server, holds back above 2.5 ms, holds back below 90.5 % hits');
  });

  it('takes the stricter of two limits, each by itself', () => {
    const own = { ...noPace, keysPerSecond: 9000, pauseMs: 5, hitRateFloor: 0.5 };
    expect(slower(own, { ...noPace, keysPerSecond: 1000, pauseMs: 2, latencyFloorMs: 3, hitRateFloor: 0.8 })).toEqual({ keysPerSecond: 1000, serverShare: null, pauseMs: 5, latencyFloorMs: 3, hitRateFloor: 0.8 });
    expect(slower(own, noPace)).toEqual(own);
  });

  it('refuses what is remembered in another form', () => {
    expect(isPace(noPace)).toBe(true);
    expect([null, {}, { ...noPace, pauseMs: '5' }].map(isPace)).toEqual([false, false, false]);
  });
});

describe('stages', () => {
  it('are none when off or when the wait is no length of time', () => {
    expect(stagedOf(usualStaged)).toBeNull();
    expect(stagedOf({ ...usualStaged, on: true, wait: 'soon' })).toBeNull();
    expect(stagedOf({ ...usualStaged, on: true })).toEqual({ canary: 100, waitMs: 30_000, hitRateDropMax: 0.05, auto: true });
    expect(isStaged(usualStaged)).toBe(true);
    expect(isStaged({ ...usualStaged, on: 1 })).toBe(false);
  });
});
