import { describe, expect, it } from 'vitest';
import {
  formatAgo,
  formatBytes,
  formatBytesExact,
  formatCompact,
  formatCount,
  formatDate,
  formatDateTime,
  formatDuration,
  formatDurationExact,
  formatExact,
  formatRate,
  formatShare,
  plural,
} from './format.ts';

/** The tables are written with ordinary spaces. */
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('numbers', () => {
  it.each([
    [0, '0'],
    [-0, '0'],
    [7, '7'],
    [999, '999'],
    [1000, '1,000'],
    [1234567, '1,234,567'],
    [-1234567, '-1,234,567'],
    [1e21, '1,000,000,000,000,000,000,000'],
    [Number.MAX_SAFE_INTEGER, '9,007,199,254,740,991'],
    [1234.5, '1,234.5'],
    [0.25, '0.25'],
    [Number.NaN, '–'],
    [Number.POSITIVE_INFINITY, '–'],
  ])('shows %s exactly as %s', (value, expected) => expect(formatExact(value)).toBe(expected));

  it.each([
    [0, '0'],
    [9999, '9,999'],
    [10_000, '10 k'],
    [12_345, '12.3 k'],
    [999_499, '999 k'],
    [999_500, '1 M'],
    [1_234_567, '1.23 M'],
    [1_999_999, '2 M'],
    [123_456_789, '123 M'],
    [5e9, '5 G'],
    [7.89e12, '7.89 T'],
    [-1_234_567, '-1.23 M'],
    [1e19, '10,000 P'],
    [0.5, '0.5'],
    [1.23456, '1.23'],
  ])('shortens %s to %s', (value, expected) => expect(plain(formatCompact(value))).toBe(expected));

  it('marks what is not exact', () => {
    expect(plain(formatCount(1234567, 'atLeast'))).toBe('≥ 1,234,567');
    expect(plain(formatCount(1234567, 'estimated', 'compact'))).toBe('~1.23 M');
    expect(formatCount(5)).toBe('5');
  });

  it('counts words', () => {
    expect(plain(plural(1, 'key'))).toBe('1 key');
    expect(plain(plural(0, 'key'))).toBe('0 keys');
    expect(plain(plural(1200, 'entry', 'entries'))).toBe('1,200 entries');
  });
});

describe('bytes', () => {
  it.each([
    [0, '0 B'],
    [1, '1 B'],
    [1023, '1,023 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [1024 * 1023, '1023 KiB'],
    [1024 * 1024 - 1, '1 MiB'],
    [1024 * 1024, '1 MiB'],
    [12.34 * 1024 ** 3, '12.3 GiB'],
    [2 ** 60, '1 EiB'],
    [-2048, '-2 KiB'],
  ])('shows %s as %s', (value, expected) => expect(plain(formatBytes(value))).toBe(expected));

  it('tells every byte', () => {
    expect(plain(formatBytesExact(1_572_864))).toBe('1,572,864 bytes');
    expect(plain(formatBytesExact(1))).toBe('1 byte');
  });
});

describe('durations', () => {
  it.each([
    [0, '0 s'],
    [0.0005, '0.5 µs'],
    [0.85, '850 µs'],
    [1, '1 ms'],
    [1.5, '1.5 ms'],
    [12.34, '12.3 ms'],
    [999.4, '999 ms'],
    [999.6, '0.9 s'],
    [1000, '1 s'],
    [12_345, '12.3 s'],
    [59_999, '59.9 s'],
    [60_000, '1 min'],
    [245_000, '4 min 05 s'],
    [3_599_999, '59 min 59 s'],
    [3_600_000, '1 h'],
    [7_500_000, '2 h 05 min'],
    [86_399_999, '23 h 59 min'],
    [86_400_000, '1 d'],
    [3 * 86_400_000 + 4 * 3_600_000, '3 d 04 h'],
    [400 * 86_400_000, '400 d'],
    [-1500, '-1.5 s'],
    [Number.NaN, '–'],
  ])('shows %s ms as %s', (value, expected) => expect(plain(formatDuration(value))).toBe(expected));

  it('never shows more time than is left', () => {
    expect(plain(formatDuration(59_999))).toBe('59.9 s');
    expect(plain(formatDurationExact(1500))).toBe('1,500 ms');
  });
});

describe('rates, shares and times', () => {
  it.each([
    [0, 'keys', '0 keys/s'],
    [2.34, 'keys', '2.3 keys/s'],
    [1_234_567, 'keys', '1.23 M keys/s'],
    [12, '', '12/s'],
  ])('shows a rate of %s %s as %s', (value, unit, expected) => expect(plain(formatRate(value, unit))).toBe(expected));

  it.each([
    [0, '0 %'],
    [0.0001, '<0.1 %'],
    [0.001, '0.1 %'],
    [0.1234, '12.3 %'],
    [0.9999, '>99.9 %'],
    [1, '100 %'],
  ])('shows a share of %s as %s', (value, expected) => expect(plain(formatShare(value))).toBe(expected));

  it.each([
    [0, 'just now'],
    [44_000, 'just now'],
    [46_000, '1 min ago'],
    [3_599_000, '59 min ago'],
    [3_600_000, '1 h ago'],
    [86_400_000 * 12, '12 d ago'],
  ])('says %s ms later %s', (passed, expected) => expect(plain(formatAgo(1_000_000, 1_000_000 + passed))).toBe(expected));

  it('writes dates in local time', () => {
    const at = new Date(2026, 10, 4, 9, 5, 7).getTime();
    expect(formatDate(at)).toBe('2026-11-04');
    expect(formatDateTime(at)).toBe('2026-11-04 09:05:07');
    expect(formatAgo(at, at + 40 * 86_400_000)).toBe('2026-11-04');
  });
});
