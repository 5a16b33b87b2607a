import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bucketOf, describeAction, jitterOf, leftBecause, noExpiry, targetOf } from './ttl-change.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const seeds = fc.integer({ min: 0, max: 0xffff_ffff });

describe('jitter', () => {
  test('is a pure function of seed and name, within both ends', () => {
    fc.assert(
      fc.property(seeds, fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 0, max: 3_200_000_000_000 }), (seed, name, most) => {
        const value = jitterOf(seed, name, most);
        expect(value).toBe(jitterOf(seed, Uint8Array.from(name), most));
        expect(Number.isSafeInteger(value)).toBe(true);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(most);
      }),
    );
  });

  test.each([1, 99, 1000, 86_400_000])('is spread evenly over 0 to %d for names that differ in a digit', (most) => {
    const parts = Math.min(10, most + 1);
    const counts = Array.from({ length: parts }, () => 0);
    const total = 20_000;
    for (let at = 0; at < total; at += 1) {
      const part = Math.floor((jitterOf(7, bytes(`user:${at}`), most) / (most + 1)) * parts);
      counts[part] = (counts[part] ?? 0) + 1;
    }
    // five standard deviations of a fair draw
    const fair = total / parts;
    for (const count of counts) expect(Math.abs(count - fair)).toBeLessThan(5 * Math.sqrt(fair));
  });

  test('differs between seeds', () => {
    const same = Array.from({ length: 1000 }, (_, at) => bytes(`k${at}`)).filter((name) => jitterOf(1, name, 1_000_000) === jitterOf(2, name, 1_000_000));
    expect(same.length).toBeLessThan(5);
  });
});

describe('conditions', () => {
  const now = 1_000_000;
  const expire = (condition?: 'NX' | 'XX' | 'GT' | 'LT') => ({ kind: 'expire' as const, ttlMs: 5000, jitterMs: 0, condition });
  const target = now + 5000;
  test.each([
    [undefined, noExpiry, null],
    [undefined, target, 'already-so'],
    [undefined, target + 1, null],
    ['NX', noExpiry, null],
    ['NX', target - 1, 'has-expiry'],
    ['XX', noExpiry, 'no-expiry'],
    ['XX', target - 1, null],
    ['GT', noExpiry, 'not-later'],
    ['GT', target - 1, null],
    ['GT', target, 'not-later'],
    ['GT', target + 1, 'not-later'],
    ['LT', noExpiry, null],
    ['LT', target + 1, null],
    ['LT', target, 'not-earlier'],
    ['LT', target - 1, 'not-earlier'],
  ] as const)('%s on an expiry of %d gives %s', (condition, present, expected) => {
    expect(leftBecause(expire(condition), present, target, now)).toBe(expected);
  });

  test('what would delete at once is left, and so is persist without expiry', () => {
    expect(leftBecause({ kind: 'expireAt', at: now, jitterMs: 0, condition: undefined }, noExpiry, now, now)).toBe('past');
    expect(leftBecause({ kind: 'persist' }, noExpiry, noExpiry, now)).toBe('already-so');
    expect(leftBecause({ kind: 'persist' }, now + 1, noExpiry, now)).toBe(null);
  });

  test('targets', () => {
    expect(targetOf({ kind: 'persist' }, 1, bytes('a'), now)).toBe(noExpiry);
    expect(targetOf(expire(), 1, bytes('a'), now)).toBe(target);
    const jittered = targetOf({ kind: 'expireAt', at: 2_000_000, jitterMs: 10, condition: undefined }, 1, bytes('a'), now);
    expect(jittered - 2_000_000).toBe(jitterOf(1, bytes('a'), 10));
  });
});

test('buckets', () => {
  const cases = [
    [noExpiry, 'none'],
    [59_999, 'minute'],
    [60_000, 'hour'],
    [3_600_000, 'day'],
    [86_400_000, 'week'],
    [7 * 86_400_000, 'more'],
  ] as const;
  for (const [left, bucket] of cases) expect(bucketOf(left === noExpiry ? noExpiry : 5000 + left, 5000)).toBe(bucket);
});

test('actions in words', () => {
  expect(describeAction({ kind: 'persist' })).toBe('Remove the expiry');
  expect(describeAction({ kind: 'expire', ttlMs: 3 * 3_600_000, jitterMs: 300_000, condition: 'LT' })).toBe('Expire in 3 h plus up to 5 min (LT)');
  expect(describeAction({ kind: 'expireAt', at: 0, jitterMs: 0, condition: undefined })).toBe('Expire at 1970-01-01T00:00:00.000Z');
});
