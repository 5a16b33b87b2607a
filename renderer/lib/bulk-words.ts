import type { LeftReason, RunSnapshot, RunSummary } from '../../shared/contract/bulk.ts';
import type { KeyFilter } from '../../shared/contract/key-filter.ts';
import type { TtlBucket } from '../../shared/contract/ttl-action.ts';
import { formatDuration, formatExact } from './format.ts';
import { wireLabel } from './wire-text.ts';

export type Unit = 'keys' | 'fields';

/** `41,212 keys`, `1 field`. */
export function unitWords(count: number, unit: Unit): string {
  const one = unit === 'keys' ? 'key' : 'field';
  return `${formatExact(count)}\u00a0${count === 1 ? one : unit}`;
}

export const leftWords: Record<LeftReason, string> = {
  'has-expiry': 'has an expiry already',
  'no-expiry': 'has no expiry',
  'not-later': 'would not become later',
  'not-earlier': 'would not become earlier',
  'already-so': 'is so already',
  gone: 'is gone',
  'no-match': 'does not match any more',
  past: 'the time is past',
  'kept-changing': 'someone else kept changing it',
  'changed-since': 'was changed by someone since',
  newer: 'exists again with another value',
  expired: 'has expired meanwhile',
  filtered: 'is left by the filter',
  occupied: 'has its new name taken',
};

export const bucketWords: Record<TtlBucket, string> = {
  none: 'No expiry',
  minute: 'Up to a minute',
  hour: 'Up to an hour',
  day: 'Up to a day',
  week: 'Up to a week',
  more: 'More than a week',
};

const modeWords: Record<KeyFilter['mode'], string> = { glob: 'match', literal: 'contain', prefix: 'begin with', regex: 'match the expression' };

function rangeWords(range: { min?: number | undefined; max?: number | undefined }, format: (value: number) => string): string {
  if (range.min !== undefined && range.max !== undefined) return `between ${format(range.min)} and ${format(range.max)}`;
  if (range.max !== undefined) return `at most ${format(range.max)}`;
  return `at least ${format(range.min ?? 0)}`;
}

/** A filter as a sentence without its end: `keys that begin with session: and have no expiry`. */
export function filterWords(filter: KeyFilter): string {
  const parts: string[] = [];
  if (filter.pattern !== '') parts.push(`${modeWords[filter.mode]} ${wireLabel(filter.pattern, 80)}`);
  if (filter.types !== undefined) parts.push(`are of type ${filter.types.join(' or ')}`);
  if (filter.ttlMs === 'none') parts.push('have no expiry');
  else if (filter.ttlMs !== undefined) parts.push((filter.ttlMs.min ?? 0) === 0 && filter.ttlMs.max === undefined ? 'have an expiry' : `have ${rangeWords(filter.ttlMs, formatDuration)} left`);
  if (filter.bytes !== undefined) parts.push(`take ${rangeWords(filter.bytes, formatExact)} bytes`);
  if (filter.elements !== undefined) parts.push(`have ${rangeWords(filter.elements, formatExact)} elements`);
  if (filter.idleSeconds !== undefined) parts.push(`are idle for ${rangeWords(filter.idleSeconds, formatExact)} s`);
  if (filter.frequency !== undefined) parts.push(`have a frequency of ${rangeWords(filter.frequency, formatExact)}`);
  if (filter.encodings !== undefined) parts.push(`are encoded as ${filter.encodings.join(' or ')}`);
  return parts.length === 0 ? 'all keys of the database' : `keys that ${parts.join(' and ')}`;
}

export const runStateWords: Record<RunSnapshot['state'], string> = {
  running: 'running',
  paused: 'paused',
  'backing-off': 'waiting: the server is busy',
  'waiting-for-server': 'waiting for the server',
  cancelling: 'stopping at the next batch',
  done: 'done',
  cancelled: 'cancelled',
  failed: 'failed',
  interrupted: 'interrupted',
};

export const liveRuns: ReadonlySet<RunSnapshot['state']> = new Set(['running', 'paused', 'backing-off', 'waiting-for-server', 'cancelling']);

/** What left over and failed mean together: `12 left, 3 failed`; empty when neither. */
export function remainderWords(run: Pick<RunSummary, 'left' | 'failed'>): string {
  const left = run.left.reduce((sum, { count }) => sum + count, 0);
  const failed = run.failed.reduce((sum, { count }) => sum + count, 0);
  return [left > 0 ? `${formatExact(left)} left as they are` : '', failed > 0 ? `${formatExact(failed)} failed` : ''].filter((text) => text !== '').join(', ');
}

/** `12,000 of 40,000`. */
export function ofWords(done: number, total: number | null): string {
  return total === null ? formatExact(done) : `${formatExact(done)} of ${formatExact(total)}`;
}
