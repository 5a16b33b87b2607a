import { describe, expect, test } from 'vitest';
import { conditionsOf, conditionWords, missingFields, setKinds, without, type Conditions } from './conditions.ts';

const all: Conditions = {
  types: ['hash', 'zset'],
  ttlMs: { min: 300_000, max: 7_200_000 },
  bytes: { min: 1024 },
  elements: { max: 10 },
  idleSeconds: { min: 3600 },
  frequency: { min: 0, max: 5 },
  encodings: ['listpack', 'hashtable', 'skiplist'],
};

describe('conditions', () => {
  test('read like a sentence', () => {
    expect(setKinds(all).map((kind) => conditionWords(all, kind).replaceAll('\u00a0', ' '))).toEqual([
      'type is hash or sorted set',
      'expires in 5 min to 2 h',
      'size at least 1 KiB',
      'elements at most 10',
      'idle at least 1 h',
      'frequency 0 to 5',
      'encoding is listpack, hashtable or skiplist',
    ]);
    expect(conditionWords({ ttlMs: 'none' }, 'ttlMs')).toBe('no expiry');
    expect(conditionWords({}, 'bytes')).toBe('');
  });

  test('come off one by one', () => {
    expect(setKinds(without(all, 'ttlMs'))).not.toContain('ttlMs');
    expect(setKinds({})).toEqual([]);
  });

  test('are what a filter has beside the name', () => {
    expect(conditionsOf({ pattern: 'x', mode: 'glob', bytes: { max: 1 } })).toEqual({ bytes: { max: 1 } });
  });

  test('name the facts that are not read yet', () => {
    const filter = { pattern: '', mode: 'literal', ...all } as const;
    expect(missingFields(filter, null)).toEqual(['type', 'ttl', 'bytes', 'elements', 'recency', 'encoding']);
    expect(missingFields(filter, ['type', 'ttl', 'bytes'])).toEqual(['elements', 'recency', 'encoding']);
    expect(missingFields({ pattern: 'x', mode: 'literal' }, null)).toEqual([]);
  });
});
