import type { ViewSort } from '../../../../shared/contract/key-facts.ts';
import type { FactColumns } from './fact-columns.ts';
import type { KeyStore } from './key-store.ts';
import { neverExpires, notTold } from './page-facts.ts';
import { orderedByName, type SortSource } from './sorted-list.ts';

export interface SortedKeys {
  store: KeyStore;
  columns: () => FactColumns | null;
  /** Keys that pass. */
  count: () => number;
  passes: (key: number) => boolean;
  /** Keys that pass, in the order of their names. */
  byName: () => { next(): number | null };
}

function inArrival({ store, passes }: SortedKeys): { next(): number | null } {
  let key = -1;
  return {
    next() {
      for (key += 1; key < store.count; key += 1) if (store.isAlive(key) && passes(key)) return key;
      return null;
    },
  };
}

function known(value: number): number {
  return value === notTold ? Number.NaN : value;
}

function valueOf(by: ViewSort['by'], columns: FactColumns | null): (key: number) => number {
  if (by === 'name') {
    let place = 0;
    return () => {
      place += 1;
      return place;
    };
  }
  if (columns === null) return () => Number.NaN;
  switch (by) {
    case 'ttl':
      return (key) => {
        const expires = columns.expires(key);
        return expires === 0 ? Number.NaN : expires === neverExpires ? Infinity : expires;
      };
    case 'bytes':
      return (key) => known(columns.bytesOf(key));
    case 'elements':
      return (key) => known(columns.elements(key));
    case 'idle':
    case 'frequency':
      return (key) => (columns.recencyKind === by ? known(columns.recency(key)) : Number.NaN);
    case 'type': {
      const names = Array.from({ length: 256 }, (_, code) => columns.typeName(code) ?? '');
      const ranks = names.map((name) => names.filter((other) => other < name).length);
      return (key) => {
        const code = columns.type(key);
        return code === 0 ? Number.NaN : (ranks[code] ?? 0);
      };
    }
  }
}

/** What a list is sorted by. Columns are looked up anew each time it is made. */
export function sortSource(sort: ViewSort, keys: SortedKeys): SortSource {
  let value = valueOf(sort.by, null);
  return {
    descending: sort.descending,
    begin() {
      value = valueOf(sort.by, keys.columns());
      return sort.by === 'name' || keys.count() <= orderedByName ? keys.byName() : inArrival(keys);
    },
    valueOf: (key) => value(key),
  };
}
