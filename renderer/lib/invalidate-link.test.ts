import { describe, expect, it } from 'vitest';
import { invalidateAddress, invalidateFolderAddress, invalidateStartOf, type InvalidateStart } from './invalidate-link.ts';
import { parseRoute, parseRouteParams } from './navigation.ts';

describe('links to the invalidation screen', () => {
  it.each<InvalidateStart>([
    { kind: 'filter', db: 3, filter: { pattern: { b64: '/w==' }, mode: 'prefix', ttlMs: 'none' } },
    { kind: 'template', db: 0, template: 'user:{id}:*' },
    { kind: 'list', db: 0, listId: 'l1', count: 12, label: '12 keys of ?#&=%' },
    { kind: 'run', runId: 'r/1' },
  ])('carry %j there', (start) => {
    const address = invalidateAddress('a/b', start);
    expect(parseRoute(address)).toEqual({ screen: 'invalidate', workspaceId: 'a/b' });
    expect(invalidateStartOf(parseRouteParams(address))).toEqual(start);
  });

  it('name a folder by its bytes', () => {
    expect(invalidateStartOf(parseRouteParams(invalidateFolderAddress('w', 1, 'a[1]*:')))).toEqual({ kind: 'filter', db: 1, filter: { pattern: 'a[1]*:', mode: 'prefix' } });
  });

  it.each(['', '{', '{"kind":"filter"}', '{"kind":"flush"}', '{"kind":"filter","db":-1,"filter":{"pattern":"","mode":"glob"}}', 'null'])('ask for nothing when they are %j', (start) => {
    expect(invalidateStartOf({ start })).toBeNull();
  });
});
