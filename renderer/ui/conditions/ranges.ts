import { bytesInput, durationInput, parseBytes, parseCount, parseDuration } from '../../lib/amounts.ts';
import { formatBytes, formatDuration, formatExact } from '../../lib/format.ts';

/** Both ends included; a missing end is open. */
export interface Range {
  min?: number | undefined;
  max?: number | undefined;
}

/** What a range counts, in the contract's own unit: ms, bytes, elements, seconds, OBJECT FREQ. */
export type RangeKind = 'ttlMs' | 'bytes' | 'elements' | 'idleSeconds' | 'frequency';

interface Kind {
  parse: (text: string) => number | null;
  input: (value: number) => string;
  words: (value: number) => string;
  example: string;
}

const counts = { parse: parseCount, input: String, words: formatExact };

const kinds: Record<RangeKind, Kind> = {
  ttlMs: { parse: parseDuration, input: durationInput, words: formatDuration, example: '5m..2h' },
  bytes: { parse: parseBytes, input: bytesInput, words: formatBytes, example: '1KiB..2MiB' },
  elements: { ...counts, example: '1000..50000' },
  idleSeconds: {
    parse: (text) => {
      const ms = parseDuration(text);
      return ms === null ? null : Math.round(ms / 1000);
    },
    input: (seconds) => durationInput(seconds * 1000),
    words: (seconds) => formatDuration(seconds * 1000),
    example: '1h..7d',
  },
  frequency: { ...counts, example: '0..10' },
};

export function rangeExample(kind: RangeKind): string {
  return kinds[kind].example;
}

/** `5m..2h`, `..2h`, `5m..`, `> 5m`, `< 2h`; ends included. An error is a sentence for the field. */
export function parseRange(kind: RangeKind, text: string): { range: Range } | { error: string } {
  const { parse, example } = kinds[kind];
  const hint = `Write a range such as ${example}, or one end: > ${example.split('..')[0]}, < ${example.split('..')[1]}`;
  const trimmed = text.trim();
  const [, sign, one] = /^([<>])=?\s*(.+)$/u.exec(trimmed) ?? [];
  const [low, high, ...more] = sign === undefined ? trimmed.split('..') : sign === '>' ? [one as string, ''] : ['', one as string];
  if (low === undefined || high === undefined || more.length > 0) return { error: hint };
  const min = low.trim() === '' ? undefined : parse(low.trim());
  const max = high.trim() === '' ? undefined : parse(high.trim());
  if (min === null || max === null || (min === undefined && max === undefined)) return { error: hint };
  if (min !== undefined && max !== undefined && min > max) return { error: 'The first end is above the second' };
  return { range: { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) } };
}

/** The text that `parseRange` reads as this range. */
export function rangeInput(kind: RangeKind, { min, max }: Range): string {
  const { input } = kinds[kind];
  return `${min === undefined ? '' : input(min)}..${max === undefined ? '' : input(max)}`;
}

/** `5 min to 2 h`, `at least 5 min`, `at most 2 h`. */
export function rangeWords(kind: RangeKind, { min, max }: Range): string {
  const { words } = kinds[kind];
  if (min !== undefined && max !== undefined) return min === max ? `exactly ${words(min)}` : `${words(min)} to ${words(max)}`;
  if (min !== undefined) return `at least ${words(min)}`;
  return max === undefined ? 'any' : `at most ${words(max)}`;
}
