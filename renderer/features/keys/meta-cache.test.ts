import { expect, test, vi } from 'vitest';
import type { WireBytes } from '../../../shared/bytes.ts';
import { MetaCache } from './meta-cache.ts';

function setUp(ttlMs: number | null = 5000) {
  const clock = { now: 1000 };
  const asked: WireBytes[][] = [];
  const cache = new MetaCache({
    now: () => clock.now,
    restMs: 0,
    fetch: async (names) => {
      asked.push(names);
      return names.map((name) => ({ name, type: 'string', ttlMs }));
    },
  });
  return { clock, asked, cache };
}

test('asks once for what is in view and tells only those who watch the key', async () => {
  const { asked, cache } = setUp();
  const onA = vi.fn<() => void>();
  const onOther = vi.fn<() => void>();
  cache.subscribe('a', onA);
  cache.subscribe({ b64: '/w==' }, onOther);
  cache.want(['skipped']);
  cache.want(['a', '__proto__']);
  await vi.waitFor(() => expect(cache.get('a')).toEqual({ type: 'string', expiresAt: 6000, readAt: 1000 }));
  expect(cache.get('__proto__')?.type).toBe('string');
  expect(asked).toEqual([['a', '__proto__']]);
  expect(onA).toHaveBeenCalledTimes(1);
  expect(onOther).not.toHaveBeenCalled();
  cache.close();
});

test('reads again what is old, and what has expired', async () => {
  const { asked, cache, clock } = setUp();
  cache.want(['a']);
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  clock.now = 3000;
  cache.want(['a', 'b']);
  await vi.waitFor(() => expect(asked.at(-1)).toEqual(['b']));
  clock.now = 6001;
  cache.want(['a', 'b']);
  await vi.waitFor(() => expect(asked.at(-1)).toEqual(['a']));
  clock.now = 17_000;
  cache.want(['b']);
  await vi.waitFor(() => expect(asked.at(-1)).toEqual(['b']));
  cache.close();
});

test('a failure leaves what was known', async () => {
  let fails = 0;
  const cache = new MetaCache({
    now: () => 0,
    restMs: 0,
    fetch: async () => {
      fails += 1;
      throw new Error('lost');
    },
  });
  cache.put('a', { type: 'hash', expiresAt: null, readAt: -100_000 });
  cache.want(['a']);
  await vi.waitFor(() => expect(fails).toBe(1));
  expect(cache.get('a')?.type).toBe('hash');
  cache.close();
});
