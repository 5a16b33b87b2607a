import type { KeyFactField, KeyFilter } from '../../../shared/contract/key-filter.ts';
import { fieldsOf } from '../../../shared/redis/key-predicate.ts';
import { typeWord } from '../badge.tsx';
import { rangeWords, type RangeKind } from './ranges.ts';

/** The part of a filter that asks about facts. */
export type Conditions = Omit<KeyFilter, 'pattern' | 'mode'>;
export type ConditionKind = keyof Conditions;

export const noConditions: Conditions = {};

/** In the order of their chips. */
export const conditionKinds: readonly { kind: ConditionKind; label: string }[] = [
  { kind: 'types', label: 'Type' },
  { kind: 'ttlMs', label: 'TTL' },
  { kind: 'bytes', label: 'Size' },
  { kind: 'elements', label: 'Elements' },
  { kind: 'idleSeconds', label: 'Idle time' },
  { kind: 'frequency', label: 'Access frequency' },
  { kind: 'encodings', label: 'Encoding' },
];

export function conditionLabel(kind: ConditionKind): string {
  return conditionKinds.find((one) => one.kind === kind)?.label ?? kind;
}

const subjects: Record<RangeKind, string> = { ttlMs: 'expires in', bytes: 'size', elements: 'elements', idleSeconds: 'idle', frequency: 'frequency' };

function either(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`;
}

/** One condition as a part of a sentence: `type is hash or set`, `expires in 5 min to 2 h`; empty when it is not set. */
export function conditionWords(conditions: Conditions, kind: ConditionKind): string {
  switch (kind) {
    case 'types':
      return conditions.types === undefined ? '' : `type is ${either(conditions.types.map(typeWord))}`;
    case 'encodings':
      return conditions.encodings === undefined ? '' : `encoding is ${either(conditions.encodings)}`;
    case 'ttlMs':
      if (conditions.ttlMs === undefined) return '';
      return conditions.ttlMs === 'none' ? 'no expiry' : `${subjects.ttlMs} ${rangeWords('ttlMs', conditions.ttlMs)}`;
    case 'bytes':
    case 'elements':
    case 'idleSeconds':
    case 'frequency': {
      const range = conditions[kind];
      return range === undefined ? '' : `${subjects[kind]} ${rangeWords(kind, range)}`;
    }
  }
}

/** The conditions that are set, in the order of their chips. */
export function setKinds(conditions: Conditions): ConditionKind[] {
  return conditionKinds.map(({ kind }) => kind).filter((kind) => conditions[kind] !== undefined);
}

export function without(conditions: Conditions, kind: ConditionKind): Conditions {
  return Object.fromEntries(Object.entries(conditions).filter(([name]) => name !== kind));
}

export function conditionsOf({ pattern: _pattern, mode: _mode, ...conditions }: KeyFilter): Conditions {
  return conditions;
}

/** Facts that a filter asks about and that are not read or being read. */
export function missingFields(filter: KeyFilter, read: readonly KeyFactField[] | null): KeyFactField[] {
  return fieldsOf(filter).filter((field) => read === null || !read.includes(field));
}
