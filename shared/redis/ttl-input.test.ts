import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationText, parseDuration, parseMoment } from './ttl-input.ts';

describe('parseDuration', () => {
  it.each([
    ['5m', 300_000],
    ['2h 30m', 9_000_000],
    ['2h30m', 9_000_000],
    ['1.5 d', 129_600_000],
    ['90', 90_000],
    ['0', 0],
    ['250ms', 250],
    ['1 week and 2 days', 777_600_000],
    ['1 H, 5 min', 3_900_000],
    ['  10 sec ', 10_000],
  ])('reads %j', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', ' ', 'soon', '5', '5x', 'm', '-5m', '1h 2h', '5m 3', '1e9h', '9'.repeat(40), '1..5m', '2026-11-24', '__proto__'].filter((text) => text !== '5'))('refuses %j', (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  it('reads back what durationText writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 * 366 * 86_400_000 }), (ms) => {
        expect(parseDuration(durationText(ms))).toBe(ms);
      }),
    );
  });
});

describe('parseMoment', () => {
  const now = new Date(2026, 10, 24, 10, 30, 0).getTime();
  const at = (...parts: [number, number, number, number?, number?, number?]) => new Date(...parts).getTime();

  it.each([
    ['2026-11-25 09:00', at(2026, 10, 25, 9, 0)],
    ['2026-11-25T09:00:05', at(2026, 10, 25, 9, 0, 5)],
    ['2027-01-01', at(2027, 0, 1)],
    ['11:00', at(2026, 10, 24, 11, 0)],
    ['09:00', at(2026, 10, 25, 9, 0)],
    ['tomorrow', at(2026, 10, 25)],
    ['Tomorrow 07:15', at(2026, 10, 25, 7, 15)],
    ['in 2h', now + 7_200_000],
  ])('reads %j', (text, expected) => {
    expect(parseMoment(text, now)).toBe(expected);
  });

  it.each(['', 'later', '25:00', '2026-02-30', '2026-13-01', '10:60', 'in', 'in soon', 'tomorrow noon'])('refuses %j', (text) => {
    expect(parseMoment(text, now)).toBeNull();
  });
});
