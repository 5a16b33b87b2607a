/** Lengths of time and moments as people type them. Pure; a moment is read in the local time zone. */

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const unitMs: ReadonlyMap<string, number> = new Map([
  ...['ms', 'millisecond', 'milliseconds'].map((word) => [word, 1] as const),
  ...['s', 'sec', 'secs', 'second', 'seconds'].map((word) => [word, second] as const),
  ...['m', 'min', 'mins', 'minute', 'minutes'].map((word) => [word, minute] as const),
  ...['h', 'hr', 'hrs', 'hour', 'hours'].map((word) => [word, hour] as const),
  ...['d', 'day', 'days'].map((word) => [word, day] as const),
  ...['w', 'week', 'weeks'].map((word) => [word, 7 * day] as const),
]);

const part = /\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*(?:,|and\b)?/iy;

/**
 * A length of time in ms: `5m`, `2h 30m`, `1.5 d`, `90 sec`, `1 week and 2 days`. A number without a unit is seconds, as in
 * EXPIRE. `null` for anything else, a unit that comes twice included.
 */
export function parseDuration(text: string): number | null {
  const trimmed = text.trim();
  if (/^\d+(?:\.\d+)?$/.test(trimmed)) return whole(Number(trimmed) * second);
  part.lastIndex = 0;
  const seen = new Set<number>();
  let total = 0;
  while (part.lastIndex < trimmed.length) {
    const found = part.exec(trimmed);
    const unit = found === null ? undefined : unitMs.get((found[2] as string).toLowerCase());
    if (found === null || unit === undefined || seen.has(unit)) return null;
    seen.add(unit);
    total += Number(found[1]) * unit;
  }
  return seen.size === 0 ? null : whole(total);
}

function whole(ms: number): number | null {
  const rounded = Math.round(ms);
  return Number.isSafeInteger(rounded) ? rounded : null;
}

const parts: readonly (readonly [string, number])[] = [
  ['w', 7 * day],
  ['d', day],
  ['h', hour],
  ['m', minute],
  ['s', second],
  ['ms', 1],
];

/** The shortest text that `parseDuration` reads as this many whole ms: `2h 30m`, `0s`. */
export function durationText(ms: number): string {
  let left = Math.round(ms);
  const words: string[] = [];
  for (const [unit, size] of parts) {
    const count = Math.floor(left / size);
    if (count > 0) words.push(`${count}${unit}`);
    left -= count * size;
  }
  return words.length === 0 ? '0s' : words.join(' ');
}

const clockText = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/;
const dateText = /^(\d{4})-(\d{2})-(\d{2})(?:[ t]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?$/;

/**
 * A moment in Unix ms: `2026-11-25 09:00`, `2026-11-25`, `09:00` (today, or tomorrow when that has passed),
 * `tomorrow 09:00`, `in 2h`. `null` for anything else, days that no calendar has included.
 */
export function parseMoment(text: string, now: number): number | null {
  const trimmed = text.trim().toLowerCase();
  if (trimmed.startsWith('in ')) {
    const length = parseDuration(trimmed.slice(3));
    return length === null ? null : now + length;
  }
  const tomorrow = /^tomorrow(?:\s+(.+))?$/.exec(trimmed);
  const today = new Date(now);
  if (tomorrow !== null) return atClock(today, 1, tomorrow[1] ?? '00:00');
  const clock = atClock(today, 0, trimmed);
  if (clock !== null) return clock > now ? clock : atClock(today, 1, trimmed);
  const date = dateText.exec(trimmed);
  if (date === null) return null;
  const [year, month, dayOfMonth, hours, minutes, seconds] = date.slice(1).map((one) => Number(one ?? 0)) as [number, number, number, number, number, number];
  return moment(year, month - 1, dayOfMonth, hours, minutes, seconds);
}

function atClock(base: Date, days: number, text: string): number | null {
  const found = clockText.exec(text);
  if (found === null) return null;
  const next = new Date(base.getFullYear(), base.getMonth(), base.getDate() + days);
  return moment(next.getFullYear(), next.getMonth(), next.getDate(), Number(found[1]), Number(found[2]), Number(found[3] ?? 0));
}

function moment(year: number, month: number, dayOfMonth: number, hours: number, minutes: number, seconds: number): number | null {
  const date = new Date(year, month, dayOfMonth, hours, minutes, seconds);
  const same = date.getFullYear() === year && date.getMonth() === month && date.getDate() === dayOfMonth && hours < 24 && minutes < 60 && seconds < 60;
  return same ? date.getTime() : null;
}
