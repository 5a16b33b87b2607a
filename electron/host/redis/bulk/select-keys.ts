import { fromWire } from '../../../../shared/bytes.ts';
import type { KeyFactField, KeyFilter } from '../../../../shared/contract/key-filter.ts';
import { fieldsOf, factsHold } from '../../../../shared/redis/key-predicate.ts';
import type { ItemState } from './expiry-target.ts';
import { nameMatch, takesAll, type NameMatch } from './name-match.ts';

/** Which keys of those that are met belong to a selection. */
export interface KeyChoice {
  /** Facts that have to be read to decide. */
  fields: KeyFactField[];
  /** For SCAN, and the proof on the bytes; names that an exclusion takes whatever their facts are left out already. */
  match: NameMatch;
  /** The same without a look at the exclusions. */
  own: NameMatch;
  /** Whether an exclusion takes the name, whatever its facts. */
  excludesName(name: Uint8Array): boolean;
  /** By name and facts; `null` when a fact that decides may not be read. */
  judge(name: Buffer, state: ItemState): boolean | null;
  /** The same with the reason; `null` = it is taken. */
  why(name: Buffer, state: ItemState): 'excluded' | 'no-match' | 'unjudged' | null;
  /** It narrows nothing. */
  everything: boolean;
}

/** All `filters` must hold; none is every key. `also`: a further condition on names that no filter can say. */
export function chooseKeys(filters: readonly KeyFilter[], exclude: readonly KeyFilter[], also: NameMatch | null = null): KeyChoice {
  const matches = [...filters.map(nameMatch), ...(also === null ? [] : [also])];
  const own: NameMatch = {
    // one pattern is all that SCAN takes; the rest is proved here
    pattern: matches.toReversed().find(({ pattern }) => pattern !== null)?.pattern ?? null,
    matches: (name) => matches.every((match) => match.matches(name)),
  };
  const outs = exclude.map((each) => ({ filter: each, match: nameMatch(each), byName: fieldsOf(each).length === 0 }));
  const byName = outs.filter((out) => out.byName);
  const byFacts = outs.filter((out) => !out.byName);
  const excludesName = (name: Uint8Array): boolean => byName.some(({ match }) => match.matches(name));
  const why: KeyChoice['why'] = (name, { facts, problem }) => {
    if (!own.matches(name)) return 'no-match';
    if (excludesName(name)) return 'excluded';
    if (problem !== null) return 'unjudged';
    if (filters.every((filter) => fieldsOf(filter).length === 0) && byFacts.length === 0) return null;
    if (facts === null) return 'unjudged';
    const held = filters.map((filter) => factsHold(filter, facts));
    if (held.includes(false)) return 'no-match';
    let unknown = held.includes(null);
    for (const out of byFacts) {
      if (!out.match.matches(name)) continue;
      const taken = factsHold(out.filter, facts);
      if (taken === true) return 'excluded';
      unknown ||= taken === null;
    }
    return unknown ? 'unjudged' : null;
  };
  return {
    fields: [...new Set([...filters, ...exclude].flatMap(fieldsOf))],
    match: { pattern: own.pattern, matches: (name) => own.matches(name) && !excludesName(name) },
    own,
    excludesName,
    judge: (name, state) => {
      const reason = why(name, state);
      return reason === null ? true : reason === 'unjudged' ? null : false;
    },
    why,
    everything: exclude.length === 0 && also === null && filters.every(takesAll),
  };
}

/** The filters that a run keeps in its header: all must hold. */
export function filtersOf({ filter, also }: { filter: KeyFilter | null; also?: KeyFilter[] | undefined }): KeyFilter[] {
  return [...(filter === null ? [] : [filter]), ...(also ?? [])];
}

export function namesOf(wire: readonly Parameters<typeof fromWire>[0][]): Buffer[] {
  return wire.map((name) => Buffer.from(fromWire(name)));
}
