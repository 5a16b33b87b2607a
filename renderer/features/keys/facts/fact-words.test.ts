import { describe, expect, test } from 'vitest';
import { bytesNote, fieldList, ttlTitle, ttlWords, typeShares, wayWords, withoutShare } from './fact-words.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('words for facts', () => {
  test('fields read as a list, in one order', () => {
    expect(fieldList(['bytes', 'type', 'ttl'])).toBe('type, TTL and size');
    expect(fieldList(['recency'])).toBe('idle time or frequency');
    expect(fieldList([])).toBe('');
  });

  test('the way is told when a node has told it', () => {
    const node = (way: 'script' | 'pipeline' | null, reason = '') => ({ node: 'n', way, reason });
    expect(wayWords({ ways: [node(null)] })).toBe('');
    expect(wayWords({ ways: [node('script'), node('script')] })).toBe('one read-only script a page');
    expect(wayWords({ ways: [node('pipeline', 'EVAL_RO is not allowed')] })).toBe('single reads in a pipeline (EVAL_RO is not allowed)');
    expect(wayWords({ ways: [node('script'), node('pipeline')] })).toBe('a script on 1 of 2 nodes, single reads on the others');
  });

  test('a TTL split never says all before it is', () => {
    expect(plain(ttlWords({ with: 999_999, without: 1, unknown: 0 }))).toBe('<0.1 % no TTL');
    expect(ttlWords({ with: 5, without: 0, unknown: 0 })).toBe('all expire');
    expect(ttlWords({ with: 0, without: 5, unknown: 2 })).toBe('~no TTL');
    expect(ttlWords({ with: 0, without: 0, unknown: 2 })).toBe('not read');
    expect(withoutShare({ with: 3, without: 1, unknown: 9 })).toBe(0.25);
    expect(withoutShare(null)).toBeNull();
    expect(ttlTitle({ with: 1, without: 2, unknown: 3 })).toBe('1 expire, 2 without TTL, 3 not read yet');
  });

  test('an estimate tells its interval, an exact sum does not', () => {
    const estimate = { known: 10, seen: 1024, value: 2048, low: 1024, high: 3072, exactness: 'estimated' } as const;
    expect(plain(bytesNote(estimate))).toBe('95 % between 1 KiB and 3 KiB, read for 10 keys');
    expect(bytesNote({ ...estimate, exactness: 'exact' })).toBe('read for 10 keys');
  });

  test('types come most first, with their share of what is known', () => {
    expect(typeShares([{ type: 'set', keys: 1 }, { type: 'hash', keys: 3 }, { type: 'list', keys: 0 }])).toEqual([
      { type: 'hash', keys: 3, share: 0.75 },
      { type: 'set', keys: 1, share: 0.25 },
    ]);
  });
});
