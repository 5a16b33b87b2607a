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
  /** By name and facts; `null` when a fact that decides may not be read. */
  judge(name: Buffer, state: ItemState): boolean | null;
  /** It narrows nothing. */
  everything: boolean;
}

/** `filter` null: every key. */
export function chooseKeys(filter: KeyFilter | null, exclude: readonly KeyFilter[]): KeyChoice {
  const own = filter === null ? { pattern: null, matches: () => true } : nameMatch(filter);
  const outs = exclude.map((each) => ({ filter: each, match: nameMatch(each), byName: fieldsOf(each).length === 0 }));
  const byName = outs.filter((out) => out.byName);
  const byFacts = outs.filter((out) => !out.byName);
  return {
    fields: [...new Set([filter, ...exclude].flatMap((each) => (each === null ? [] : fieldsOf(each))))],
    match: {
      pattern: own.pattern,
      matches: (name) => own.matches(name) && !byName.some(({ match }) => match.matches(name)),
    },
    judge(name, { facts }) {
      if (facts === null) return null;
      const held = filter === null ? true : factsHold(filter, facts);
      if (held === false) return false;
      let known = held;
      for (const out of byFacts) {
        if (!out.match.matches(name)) continue;
        const taken = factsHold(out.filter, facts);
        if (taken === true) return false;
        if (taken === null) known = null;
      }
      return known;
    },
    everything: exclude.length === 0 && (filter === null || takesAll(filter)),
  };
}

export function namesOf(wire: readonly Parameters<typeof fromWire>[0][]): Buffer[] {
  return wire.map((name) => Buffer.from(fromWire(name)));
}
