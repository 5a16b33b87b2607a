import type { KeyFactField, KeyFilter } from '../contract/key-filter.ts';

/** Facts of one key; `null` where the server did not tell. */
export interface KnownFacts {
  type: string | null;
  /** ms left; `'none'` = no expiry. */
  ttlMs: number | 'none' | null;
  bytes: number | null;
  elements: number | null;
  idleSeconds: number | null;
  frequency: number | null;
  encoding: string | null;
}

type Range = { min?: number | undefined; max?: number | undefined };

/** The facts that a filter asks about; none for a filter on names alone. */
export function fieldsOf(filter: KeyFilter): KeyFactField[] {
  const asked: [KeyFactField, boolean][] = [
    ['type', filter.types !== undefined],
    ['ttl', filter.ttlMs !== undefined],
    ['bytes', filter.bytes !== undefined],
    ['elements', filter.elements !== undefined],
    ['recency', filter.idleSeconds !== undefined || filter.frequency !== undefined],
    ['encoding', filter.encodings !== undefined],
  ];
  return asked.filter(([, is]) => is).map(([field]) => field);
}

function within(value: number | null, range: Range | undefined): boolean | null {
  if (range === undefined) return true;
  if (value === null) return null;
  return value >= (range.min ?? 0) && value <= (range.max ?? Infinity);
}

function among(value: string | null, allowed: readonly string[] | undefined): boolean | null {
  if (allowed === undefined) return true;
  return value === null ? null : allowed.includes(value);
}

function ttlHolds(ttl: KnownFacts['ttlMs'], asked: KeyFilter['ttlMs']): boolean | null {
  if (asked === undefined) return true;
  if (ttl === null) return null;
  if (asked === 'none') return ttl === 'none';
  return ttl === 'none' ? false : within(ttl, asked);
}

/**
 * Whether the facts of a key hold what a filter asks of them (its name is not looked at): `null` when a fact that
 * decides is not known. One part that fails decides, whatever else is unknown.
 */
export function factsHold(filter: KeyFilter, facts: KnownFacts): boolean | null {
  const parts = [
    among(facts.type, filter.types),
    ttlHolds(facts.ttlMs, filter.ttlMs),
    within(facts.bytes, filter.bytes),
    within(facts.elements, filter.elements),
    within(facts.idleSeconds, filter.idleSeconds),
    within(facts.frequency, filter.frequency),
    among(facts.encoding, filter.encodings),
  ];
  if (parts.includes(false)) return false;
  return parts.includes(null) ? null : true;
}
