import { keyFactFields, type KeyFactField } from '../../../../shared/contract/key-filter.ts';
import type { BytesEstimate, FactsState, GroupFacts } from '../../../../shared/contract/key-facts.ts';
import { formatBytes, formatExact, formatShare } from '../../../lib/format.ts';

type TtlSplit = NonNullable<GroupFacts['ttl']>;
type TypeCounts = NonNullable<GroupFacts['types']>;

export const factWords: Record<KeyFactField, { label: string; cost: string }> = {
  type: { label: 'Type', cost: 'TYPE, a light read' },
  ttl: { label: 'TTL', cost: 'PTTL, a light read' },
  bytes: { label: 'Size', cost: 'MEMORY USAGE with 5 samples, the heaviest of these reads' },
  elements: { label: 'Elements', cost: 'STRLEN, HLEN, LLEN and so on; resets idle times on servers before Redis 7.2' },
  recency: { label: 'Idle time or frequency', cost: 'OBJECT IDLETIME, or OBJECT FREQ where the eviction policy is LFU' },
  encoding: { label: 'Encoding', cost: 'OBJECT ENCODING, a light read' },
};

const inSentence: Record<KeyFactField, string> = { type: 'type', ttl: 'TTL', bytes: 'size', elements: 'elements', recency: 'idle time or frequency', encoding: 'encoding' };

/** `type, TTL and size`, always in the same order. */
export function fieldList(fields: readonly KeyFactField[], recency: FactsState['recency'] = null): string {
  const recencyWords = { idle: 'idle time', frequency: 'frequency' };
  const words = keyFactFields.filter((field) => fields.includes(field)).map((field) => (field === 'recency' && recency !== null ? recencyWords[recency] : inSentence[field]));
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}

/** How the facts are read, in words; empty while no node has told. */
export function wayWords({ ways }: Pick<FactsState, 'ways'>): string {
  const known = ways.filter(({ way }) => way !== null);
  const script = known.filter(({ way }) => way === 'script').length;
  if (known.length === 0) return '';
  if (script === known.length) return 'one read-only script a page';
  const reason = known.find(({ way, reason }) => way === 'pipeline' && reason !== '')?.reason ?? '';
  const words = script === 0 ? 'single reads in a pipeline' : `a script on ${script} of ${known.length} nodes, single reads on the others`;
  return reason === '' ? words : `${words} (${reason})`;
}

/** Of the keys whose expiry is known, the part that has none: 0 to 1; `null` when none is known. */
export function withoutShare(split: TtlSplit | null): number | null {
  if (split === null) return null;
  const known = split.with + split.without;
  return known === 0 ? null : split.without / known;
}

/** `all expire`, `no TTL`, `~12 % no TTL`; the mark says that some keys are not read yet. */
export function ttlWords(split: TtlSplit): string {
  const share = withoutShare(split);
  if (share === null) return 'not read';
  const mark = split.unknown > 0 ? '~' : '';
  if (share === 0) return `${mark}all expire`;
  if (share === 1) return `${mark}no TTL`;
  const whole = Math.round(share * 100);
  return `${mark}${share < 0.1 || whole > 99 ? formatShare(share) : `${whole}\u00a0%`} no TTL`;
}

/** Every part of a TTL split, for hover and screen readers. */
export function ttlTitle(split: TtlSplit): string {
  const parts = [`${formatExact(split.with)} expire`, `${formatExact(split.without)} without TTL`];
  if (split.unknown > 0) parts.push(`${formatExact(split.unknown)} not read yet`);
  return parts.join(', ');
}

/** What an amount of bytes is worth: its interval, and for how many keys it was read. */
export function bytesNote(estimate: BytesEstimate): string {
  const of = `read for ${formatExact(estimate.known)} keys`;
  if (estimate.exactness === 'exact') return of;
  if (estimate.high === null) return `${of}, too few for an interval`;
  if (estimate.high <= estimate.low) return of;
  return `95\u00a0% between ${formatBytes(estimate.low)} and ${formatBytes(estimate.high)}, ${of}`;
}

export interface TypeShare {
  type: string;
  keys: number;
  /** Of the keys whose type is known. */
  share: number;
}

/** Most keys first; equals by name. */
export function typeShares(types: TypeCounts): TypeShare[] {
  const known = types.reduce((sum, { keys }) => sum + keys, 0);
  return types
    .filter(({ keys }) => keys > 0)
    .map(({ type, keys }) => ({ type, keys, share: keys / known }))
    .toSorted((a, b) => b.keys - a.keys || (a.type < b.type ? -1 : 1));
}
