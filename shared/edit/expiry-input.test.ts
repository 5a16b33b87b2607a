import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExpiry } from './expiry-input.ts';

const now = Date.UTC(2026, 10, 24, 12);

describe('an expiry as it is typed', () => {
  it.each([
    ['5m', 300_000],
    ['2h 30m', 9_000_000],
    ['2h30min', 9_000_000],
    ['90', 90_000],
    ['1.5 s', 1500],
    ['250ms', 250],
    ['1d 1w', 691_200_000],
    ['10 MIN', 600_000],
  ])('%s', (text, ms) => {
    expect(parseExpiry(text, now)).toEqual({ choice: { kind: 'in', ms }, problem: '' });
  });

  it('takes dates in this zone or in UTC', () => {
    expect(parseExpiry('2026-12-24 18:00Z', now).choice).toEqual({ kind: 'at', at: Date.UTC(2026, 11, 24, 18) });
    expect(parseExpiry('2026-12-24', now).choice).toEqual({ kind: 'at', at: new Date(2026, 11, 24).getTime() });
    expect(parseExpiry('2026-12-24T18:00:05', now).choice).toEqual({ kind: 'at', at: new Date(2026, 11, 24, 18, 0, 5).getTime() });
  });

  it('takes none, and nothing at all is no problem yet', () => {
    expect(parseExpiry(' none ', now).choice).toEqual({ kind: 'none' });
    expect(parseExpiry('', now)).toEqual({ choice: null, problem: '' });
  });

  it.each(['soon', '5 parsecs', '-5m', '2026-02-30', '2026-12-24 25:00', '2020-01-01', '0', '5m!', '1e400', '99999999999999999999w'])('refuses %s', (text) => {
    expect(parseExpiry(text, now).choice).toBeNull();
    expect(parseExpiry(text, now).problem).not.toBe('');
  });

  it('never throws, and never gives a time that has passed', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { choice } = parseExpiry(text, now);
        if (choice?.kind === 'in') expect(choice.ms).toBeGreaterThan(0);
        if (choice?.kind === 'at') expect(choice.at).toBeGreaterThan(now);
      }),
    );
  });
});
