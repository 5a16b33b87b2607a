import { describe, expect, it } from 'vitest';
import { parseRoute, parseRouteParams } from './navigation.ts';
import { fieldTtlsAddress, ttlChangeAddress, ttlListAddress, ttlNamesAddress, ttlStartOf } from './ttl-link.ts';

describe('links to the TTL screen', () => {
  it('carry a filter there, bytes included', () => {
    const filter = { pattern: { b64: '/w==' }, mode: 'prefix' as const, ttlMs: 'none' as const };
    const address = ttlChangeAddress('a/b', filter);
    expect(parseRoute(address)).toEqual({ screen: 'ttl', workspaceId: 'a/b' });
    expect(ttlStartOf(parseRouteParams(address))).toEqual({ kind: 'change', filter });
  });

  it('carry the name of a hash', () => {
    expect(ttlStartOf(parseRouteParams(fieldTtlsAddress('w', 'cart:?#&=%')))).toEqual({ kind: 'fields', name: 'cart:?#&=%' });
  });

  it.each(['', '{', '{"kind":"change"}', '{"kind":"erase","filter":{}}', '{"kind":"change","filter":{"pattern":"","mode":"sql"}}', 'null'])('ask for nothing when they are %j', (start) => {
    expect(ttlStartOf({ start })).toBeNull();
  });
});

it('names and a gathered list go there whole, whatever is in them', () => {
  const names = ['', '__proto__', '?#&=%', { b64: '//4=' }];
  expect(ttlStartOf(parseRouteParams(ttlNamesAddress('w', names)))).toEqual({ kind: 'names', names });
  const list = { listId: 'l1', count: 70_000, label: 'Selected in the key browser' };
  expect(ttlStartOf(parseRouteParams(ttlListAddress('w', list)))).toEqual({ kind: 'list', ...list });
});
