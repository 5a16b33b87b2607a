import { describe, expect, it } from 'vitest';
import { sameCliffs } from './cliff-identity.ts';

describe('sameCliffs', () => {
  it('keeps the id of a cliff that is found again as time passes, and of no other', () => {
    const first = sameCliffs([], [{ namespace: 'a:', from: 60_000, to: 70_000 }, { namespace: 'a:', from: 600_000, to: 610_000 }, { namespace: { b64: '/w==' }, from: 0, to: 1 }], 1000);
    expect(new Set(first.map(({ id }) => id)).size).toBe(3);
    // five seconds later, edges a little different, the first one gone, another before it
    const second = sameCliffs(first, [{ namespace: 'a:', from: 10_000, to: 12_000 }, { namespace: 'a:', from: 594_700, to: 605_400 }, { namespace: 'b:', from: 594_700, to: 605_400 }], 6000);
    expect(second[1]?.id).toBe(first[1]?.id);
    expect(first.map(({ id }) => id)).not.toContain(second[0]?.id);
    expect(first.map(({ id }) => id)).not.toContain(second[2]?.id);
  });

  it('gives an id once, however much overlaps', () => {
    const overlapping = [{ namespace: 'a:', from: 0, to: 5000 }, { namespace: 'a:', from: 100, to: 5000 }, { namespace: 'a:', from: 100, to: 6000 }];
    const first = sameCliffs([], overlapping, 0);
    expect(new Set(first.map(({ id }) => id)).size).toBe(3);
    expect(sameCliffs(first, overlapping, 0).map(({ id }) => id)).toEqual(first.map(({ id }) => id));
  });
});
