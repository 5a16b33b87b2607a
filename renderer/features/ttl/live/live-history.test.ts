import { describe, expect, it } from 'vitest';
import { historySeconds, LiveHistory } from './live-history.ts';

const snapshot = (since: number, expired: number, evicted = 0) => ({
  since,
  kinds: [
    { kind: 'expired' as const, total: expired, perSecond: 0 },
    { kind: 'evicted' as const, total: evicted, perSecond: 0 },
  ],
});

describe('LiveHistory', () => {
  it('counts by second what totals have grown by', () => {
    const history = new LiveHistory();
    history.take(snapshot(1, 50, 3), 10_000);
    history.take(snapshot(1, 54, 3), 10_400);
    history.take(snapshot(1, 60, 4), 10_900);
    history.take(snapshot(1, 60, 9), 12_100);
    const seconds = history.seconds(12_500);
    expect(seconds).toHaveLength(historySeconds);
    expect(seconds.at(-1)).toEqual({ at: 12_000, counts: { expired: 0, evicted: 5 } });
    expect(seconds.at(-2)).toBeNull();
    expect(seconds.at(-3)).toEqual({ at: 10_000, counts: { expired: 10, evicted: 1 } });
  });

  it('begins anew with another watch, and forgets what is long past', () => {
    const history = new LiveHistory();
    history.take(snapshot(1, 50), 10_000);
    history.take(snapshot(2, 10), 11_000);
    history.take(snapshot(2, 12), 11_500);
    expect(history.seconds(11_500).at(-1)?.counts.expired).toBe(2);
    expect(history.seconds(11_500).at(-2)).toBeNull();
    history.take(snapshot(2, 13), 11_000 + historySeconds * 1000);
    expect(history.seconds(11_000 + historySeconds * 1000).filter((point) => point !== null)).toHaveLength(1);
  });
});
