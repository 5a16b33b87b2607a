import type { Exactness } from '../../shared/contract/keys.ts';

/** Numbers, sizes and times as people read them. All functions are pure and independent of the locale. */

const nbsp = '\u00a0';
const notANumber = '–';

/** `1234567` -> `1,234,567`; decimals kept as they are, at most six. */
export function formatExact(value: number): string {
  if (!Number.isFinite(value)) return notANumber;
  const sign = value < 0 ? '-' : '';
  const text = Number.isInteger(value) ? BigInt(Math.abs(value)).toString() : trimZeros(Math.abs(value).toFixed(6));
  const [whole = '0', fraction] = text.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return sign + grouped + (fraction === undefined ? '' : `.${fraction}`);
}

/** Up to four digits in full, above that three significant digits: `1,234`, `12.3 k`, `1.23 M`, `4.56 G`, `7.89 T`. */
export function formatCompact(value: number): string {
  if (!Number.isFinite(value)) return notANumber;
  const size = Math.abs(value);
  if (size < 10_000) return formatExact(Number.isInteger(value) ? value : Number(value.toPrecision(3)));
  return scaled(value, 1000, ['', 'k', 'M', 'G', 'T', 'P']);
}

/** The mark before a number that is not exact: `≥` while counting, `~` when extrapolated. */
export function exactnessMark(exactness: Exactness): string {
  return { exact: '', atLeast: `≥${nbsp}`, estimated: '~' }[exactness];
}

/** A sentence for hover and screen readers. */
export function exactnessWords(exactness: Exactness): string {
  return { exact: 'exact', atLeast: 'at least, counting goes on', estimated: 'estimated' }[exactness];
}

/** A count with its mark, short or in full. */
export function formatCount(value: number, exactness: Exactness = 'exact', style: 'exact' | 'compact' = 'exact'): string {
  return exactnessMark(exactness) + (style === 'exact' ? formatExact(value) : formatCompact(value));
}

/** Binary units with three significant digits: `512 B`, `1.5 KiB`, `12.3 MiB`. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return notANumber;
  if (Math.abs(bytes) < 1024) return `${formatExact(Math.round(bytes))}${nbsp}B`;
  return scaled(bytes, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']);
}

/** Every byte: `1,572,864 bytes`. */
export function formatBytesExact(bytes: number): string {
  return `${formatExact(bytes)}${nbsp}${bytes === 1 ? 'byte' : 'bytes'}`;
}

/**
 * A length of time given in milliseconds: `850 µs`, `1.5 ms`, `12.3 s`, `4 min 05 s`, `2 h 05 min`, `3 d 04 h`.
 * Above a second the smaller part is cut, never rounded up, so that a countdown does not show what is not left.
 */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return notANumber;
  const sign = ms < 0 ? '-' : '';
  const size = Math.abs(ms);
  if (size === 0) return `0${nbsp}s`;
  if (size < 0.9995) return `${sign}${threeDigits(size * 1000)}${nbsp}µs`;
  if (size < 999.5) return `${sign}${threeDigits(size)}${nbsp}ms`;
  if (size < 60_000) return `${sign}${trimZeros((Math.floor(size / 100) / 10).toFixed(1))}${nbsp}s`;
  const seconds = Math.floor(size / 1000);
  if (seconds < 3600) return sign + pair(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 24 * 60) return sign + pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.floor(minutes / 60);
  return sign + pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

/** Whole milliseconds with their unit, for copying: `1,500 ms`. */
export function formatDurationExact(ms: number): string {
  return `${formatExact(ms)}${nbsp}ms`;
}

/** `1.23 M/s`, `12 keys/s`. */
export function formatRate(perSecond: number, unit = ''): string {
  const number = formatCompact(perSecond < 10 ? Number(perSecond.toFixed(1)) : Math.round(perSecond));
  if (unit === '') return `${number}/s`;
  return `${number}${nbsp}${unit}/s`;
}

/** `0 %`, `<0.1 %`, `12.3 %`, `100 %`; never says 100 % before it is, nor 0 % for what is more. */
export function formatShare(share: number): string {
  if (!Number.isFinite(share)) return notANumber;
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return `<0.1${nbsp}%`;
  if (percent < 100 && percent > 99.9) return `>99.9${nbsp}%`;
  return `${trimZeros(percent.toFixed(1))}${nbsp}%`;
}

/** How long ago, in one unit: `just now`, `5 min ago`, `3 h ago`, `12 d ago`, then the date. */
export function formatAgo(at: number, now: number): string {
  const seconds = Math.floor((now - at) / 1000);
  if (seconds < 45) return 'just now';
  if (seconds < 3600) return `${Math.max(1, Math.floor(seconds / 60))}${nbsp}min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}${nbsp}h ago`;
  if (seconds < 30 * 86_400) return `${Math.floor(seconds / 86_400)}${nbsp}d ago`;
  return formatDate(at);
}

/** Local date, `2026-11-24`. */
export function formatDate(at: number): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return notANumber;
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Local date and time to the second, `2026-11-24 09:05:07`. */
export function formatDateTime(at: number): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return notANumber;
  return `${formatDate(at)} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `1 key`, `2 keys`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatExact(count)}${nbsp}${count === 1 ? one : many}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function pair(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big}${nbsp}${bigUnit}` : `${big}${nbsp}${bigUnit} ${two(small)}${nbsp}${smallUnit}`;
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function threeDigits(value: number): string {
  return trimZeros(value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2));
}

function scaled(value: number, base: number, units: readonly string[]): string {
  let size = Math.abs(value);
  let unit = 0;
  // 999.5 would print as 1000: it belongs to the next unit.
  while (size >= (base === 1000 ? 999.5 : 1023.5) && unit < units.length - 1) {
    size /= base;
    unit += 1;
  }
  return `${value < 0 ? '-' : ''}${size >= 9999.5 ? formatExact(Math.round(size)) : threeDigits(size)}${nbsp}${units[unit] ?? ''}`;
}
