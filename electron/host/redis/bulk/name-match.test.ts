import { expect, test } from 'vitest';
import { nameMatch, takesAll } from './name-match.ts';

test('a regular expression is proved on every name, and known when it takes them all', () => {
  const { pattern, matches } = nameMatch({ pattern: '^user:\\d+$', mode: 'regex' });
  expect(pattern).toBeNull();
  expect([matches(Buffer.from('user:12')), matches(Buffer.from('user:x')), matches(Buffer.from([0xff]))]).toEqual([true, false, false]);
  for (const all of ['', '.*', 'a*', '^', '()']) expect(takesAll({ pattern: all, mode: 'regex' })).toBe(true);
  for (const some of ['user', '^$', 'a+', '^a*$']) expect(takesAll({ pattern: some, mode: 'regex' })).toBe(false);
});
