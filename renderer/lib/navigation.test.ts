import { describe, expect, it } from 'vitest';
import { parseRoute, parseRouteParams, routeHash } from './navigation.ts';

describe('routes', () => {
  it.each([
    ['', { screen: 'connections', workspaceId: null }],
    ['#/', { screen: 'connections', workspaceId: null }],
    ['#/connections', { screen: 'connections', workspaceId: null }],
    ['#/w/abc/keys', { screen: 'keys', workspaceId: 'abc' }],
    ['#/w/abc', { screen: 'keys', workspaceId: 'abc' }],
    ['#/w/', { screen: 'w', workspaceId: null }],
    ['#/%E0%A4%A', { screen: 'connections', workspaceId: null }],
  ])('reads %s', (hash, route) => expect(parseRoute(hash)).toEqual(route));

  it.each([['plain'], ['a/b'], ['ü #?%']])('takes a workspace named %s there and back', (workspaceId) => {
    const route = { screen: 'keys', workspaceId };
    expect(parseRoute(routeHash(route))).toEqual(route);
  });

  it.each([[{}], [{ change: '{"pattern":"a/b?c#d&e=%"}' }], [{ field: '', other: 'ü +' }]])('takes parameters %j there and back, beside the place', (params: Record<string, string>) => {
    const route = { screen: 'ttl', workspaceId: 'a?b' };
    const hash = routeHash(route, params);
    expect(parseRoute(hash)).toEqual(route);
    expect(parseRouteParams(hash)).toEqual(params);
  });
});
