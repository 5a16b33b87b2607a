import type { ExpiryChoice } from '../contract/edit.ts';

const second = 1000;
const units: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', second],
  ['sec', second],
  ['m', 60 * second],
  ['min', 60 * second],
  ['h', 3600 * second],
  ['d', 86_400 * second],
  ['w', 7 * 86_400 * second],
]);

const part = /\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*/giy;
const date = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?\s*(Z)?$/i;
/** What Redis takes as a time, ms. */
const latest = 9_000_000_000_000_000;

/** ms of `5m`, `2h 30m`, `90`, which are seconds; `null` when it is no length of time. */
function durationOf(text: string): number | null {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Math.round(Number(text) * second);
  part.lastIndex = 0;
  let ms = 0;
  while (part.lastIndex < text.length) {
    const found = part.exec(text);
    const unit = found === null ? undefined : units.get((found[2] ?? '').toLowerCase());
    if (found === null || unit === undefined) return null;
    ms += Number(found[1]) * unit;
  }
  return Math.round(ms);
}

/** Unix ms of `2026-12-24`, `2026-12-24 18:00`, with `Z` in UTC, else in this machine's zone; `null` when it is no date. */
function timeOf(text: string): number | null {
  const found = date.exec(text);
  if (found === null) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, sec = 0] = found.slice(1, 7).map((digits) => (digits === undefined ? undefined : Number(digits)));
  const made = found[7] === undefined ? new Date(year, month - 1, day, hour, minute, sec) : new Date(Date.UTC(year, month - 1, day, hour, minute, sec));
  const [y, m, d] = found[7] === undefined ? [made.getFullYear(), made.getMonth(), made.getDate()] : [made.getUTCFullYear(), made.getUTCMonth(), made.getUTCDate()];
  if (y !== year || m !== month - 1 || d !== day || hour > 23 || minute > 59 || sec > 59) return null;
  return made.getTime();
}

export type ExpiryInput = { choice: ExpiryChoice; problem: '' } | { choice: null; problem: string };

/**
 * An expiry as a person types it: `5m`, `2h 30m`, `90` (seconds), `2026-12-24 18:00`, `none`. `now` is Unix ms.
 */
export function parseExpiry(input: string, now: number): ExpiryInput {
  const text = input.trim();
  const wrong = (problem: string): ExpiryInput => ({ choice: null, problem });
  if (text === '') return wrong('');
  if (/^(?:none|never|no expiry|persist)$/i.test(text)) return { choice: { kind: 'none' }, problem: '' };
  const at = timeOf(text);
  if (at !== null) return at <= now ? wrong('This time lies in the past') : { choice: { kind: 'at', at }, problem: '' };
  const ms = durationOf(text);
  if (ms === null || !Number.isFinite(ms)) return wrong('Expected a time such as 5m, 2h 30m, 90 (seconds), 2026-12-24 18:00, or none');
  if (ms < 1) return wrong('The shortest expiry is 1 ms');
  if (now + ms > latest) return wrong('This is more than the server can count');
  return { choice: { kind: 'in', ms }, problem: '' };
}
