import { durationText } from '../../shared/redis/ttl-input.ts';

const number = new Intl.NumberFormat('en-US');

/** `12,345`. */
export function counted(count: number): string {
  return number.format(count);
}

/** `1 key`, `12,345 keys`. */
export function ofKeys(count: number): string {
  return `${counted(count)} ${count === 1 ? 'key' : 'keys'}`;
}

/** `81.0%` of a share from 0 to 1. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

/** A length of time, to the second above a minute. */
export function lasting(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return durationText(Math.round(ms / 1000) * 1000);
}

/** Rows with columns of equal width: numbers to the right, the last column as it is. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  return rows.map((row) => `  ${row.map((cell, at) => (at === row.length - 1 ? cell : cell.padStart(widths[at] ?? 0))).join('  ')}`);
}
