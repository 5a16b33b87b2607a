import type { LeftReason } from '../contract/bulk.ts';
import type { TtlAction, TtlBucket, TtlCondition } from '../contract/ttl-action.ts';
import { hash32 } from './hash32.ts';

/** Absolute expiry in Unix ms by the server's clock, or none. */
export const noExpiry = -1;

/**
 * Delay of one name, ms, uniform in [0, jitterMs] with both ends. A pure function of the seed (32 bits) and the name, so that
 * preview, run and resume agree.
 */
export function jitterOf(seed: number, name: Uint8Array, jitterMs: number): number {
  if (jitterMs <= 0) return 0;
  const high = hash32(name, seed);
  const low = hash32(name, ~seed) >>> 11;
  // 53 bits: exact for every range that a number of ms can have
  const unit = (high * 0x20_0000 + low) / 0x20_0000_0000_0000;
  return Math.floor(unit * (jitterMs + 1));
}

/** The expiry that an action gives a name when the server's clock shows `now`; `noExpiry` for persist. */
export function targetOf(action: TtlAction, seed: number, name: Uint8Array, now: number): number {
  switch (action.kind) {
    case 'persist':
      return noExpiry;
    case 'expire':
      return now + action.ttlMs + jitterOf(seed, name, action.jitterMs);
    case 'expireAt':
      return action.at + jitterOf(seed, name, action.jitterMs);
  }
}

function against(condition: TtlCondition, present: number, target: number): LeftReason | null {
  switch (condition) {
    case 'NX':
      return present === noExpiry ? null : 'has-expiry';
    case 'XX':
      return present === noExpiry ? 'no-expiry' : null;
    case 'GT':
      // as the server: no expiry is later than any
      return present !== noExpiry && target > present ? null : 'not-later';
    case 'LT':
      return present === noExpiry || target < present ? null : 'not-earlier';
  }
}

/**
 * Why a key with this expiry is left alone, or `null` when it is changed to `target`. As the server judges, and besides:
 * what would change nothing, and what would delete the key at once, are left.
 */
export function leftBecause(action: TtlAction, present: number, target: number, now: number): LeftReason | null {
  if (action.kind !== 'persist' && action.condition !== undefined) {
    const reason = against(action.condition, present, target);
    if (reason !== null) return reason;
  }
  if (present === target) return 'already-so';
  return target !== noExpiry && target <= now ? 'past' : null;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Where an expiry falls when the server's clock shows `now`. */
export function bucketOf(expiry: number, now: number): TtlBucket {
  if (expiry === noExpiry) return 'none';
  const left = expiry - now;
  if (left < minute) return 'minute';
  if (left < hour) return 'hour';
  if (left < day) return 'day';
  return left < 7 * day ? 'week' : 'more';
}

/** A duration in the largest unit that keeps it exact enough to read: `90 s`, `15 min`, `2 h`, `30 d`. */
function spell(ms: number): string {
  if (ms < 2 * minute) return `${Math.round(ms / 1000)} s`;
  if (ms < 2 * hour) return `${Math.round(ms / minute)} min`;
  return ms < 2 * day ? `${Math.round((ms / hour) * 10) / 10} h` : `${Math.round((ms / day) * 10) / 10} d`;
}

/** What an action does, in words, for titles and journals: `Expire in 1 h plus up to 5 min`. */
export function describeAction(action: TtlAction): string {
  if (action.kind === 'persist') return 'Remove the expiry';
  const begin = action.kind === 'expire' ? `Expire in ${spell(action.ttlMs)}` : `Expire at ${new Date(action.at).toISOString()}`;
  const jitter = action.jitterMs > 0 ? ` plus up to ${spell(action.jitterMs)}` : '';
  return `${begin}${jitter}${action.condition === undefined ? '' : ` (${action.condition})`}`;
}
