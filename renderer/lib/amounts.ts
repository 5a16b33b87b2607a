import { amount } from '../../shared/amounts.ts';

export { parseBytes, parseCount } from '../../shared/amounts.ts';

/** Lengths of time as people type them. All functions are pure; `null` means the text is no such amount. */

const durationUnits: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['', 1000],
  ['s', 1000],
  ['sec', 1000],
  ['m', 60_000],
  ['min', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
]);

/** ms of `90`, `90s`, `5 m`, `1h30m`, `2d 4h`; a bare number is seconds. */
export function parseDuration(text: string): number | null {
  const parts = text.trim().toLowerCase().match(/(?:\d+(?:\.\d+)?|\.\d+)\s*[a-z]*/gu);
  if (parts === null || parts.join('').replaceAll(/\s/gu, '') !== text.trim().toLowerCase().replaceAll(/\s/gu, '')) return null;
  if (parts.length > 1 && parts.some((part) => !/[a-z]/u.test(part))) return null;
  const values = parts.map((part) => amount(part, durationUnits));
  return values.reduce<number | null>((sum, value) => (sum === null || value === null ? null : sum + value), 0);
}

/** The shortest text that `parseDuration` reads as these ms. */
export function durationInput(ms: number): string {
  if (ms === 0) return '0s';
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const size = durationUnits.get(unit) as number;
    if (ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}

/** The shortest text that `parseBytes` reads as this size. */
export function bytesInput(bytes: number): string {
  for (const [unit, size] of [
    ['GiB', 1024 ** 3],
    ['MiB', 1024 ** 2],
    ['KiB', 1024],
  ] as const) {
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}
